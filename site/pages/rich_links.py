"""Links in running text: to the page in the reader's language, and to nothing that is not for everybody."""

from django.utils.html import escape
from wagtail.rich_text.pages import PageLinkHandler

from pages.public import ways_to


class PublicPageLink(PageLinkHandler):
    """A link to a page that has been taken off stays as words, without telling where it led."""

    @classmethod
    def expand_db_attributes_many(cls, attrs_list: list[dict[str, str]]) -> list[str]:
        ways = ways_to([int(attrs["id"]) for attrs in attrs_list if attrs.get("id", "").isdecimal()])
        found = [ways.get(int(attrs["id"])) if attrs.get("id", "").isdecimal() else None for attrs in attrs_list]
        return [f'<a href="{escape(way)}">' if way else "<a>" for way in found]
