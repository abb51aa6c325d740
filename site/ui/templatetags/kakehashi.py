"""Template words: days, times, fiscal years and figures as people read them."""

import datetime as dt
import uuid
from zoneinfo import ZoneInfo

from django import template
from django.forms import Form
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext, npgettext

from ui import dates, words
from ui.caching import kept

register = template.Library()


@register.simple_tag(takes_context=True)
def form_key(context: dict) -> SafeString:
    """A hidden key by which the same form sent twice does its work once; a form shown again after an error keeps it."""
    request = context.get("request")
    sent = request.POST.get("form_key", "") if request is not None and request.method == "POST" else ""
    try:
        key = uuid.UUID(sent)
    except ValueError:
        key = uuid.uuid4()
    return format_html('<input type="hidden" name="form_key" value="{}">', key)


@register.simple_tag
def fields_of(form: Form) -> SafeString:
    """Every field of a form with its label, help and errors; those of an empty form are drawn once for everybody."""

    def draw() -> SafeString:
        return format_html_join("\n", "{}", ((field.as_field_group(),) for field in form))

    if form.is_bound or form.initial:
        return draw()
    return kept(f"fields-{type(form).__module__}.{type(form).__qualname__}", draw)


@register.filter
def day(value: dt.date | None) -> str:
    """1月18日（月）, with the year when it is another fiscal year's."""
    return dates.day_words(value) if value else ""


@register.filter
def month(value: dt.date | None) -> str:
    """2027年1月, Jan 2027."""
    return dates.month_words(value) if value else ""


@register.filter
def full_day(value: dt.date | None) -> str:
    """2027年1月18日（月）."""
    return dates.day_words(value, year=True) if value else ""


@register.filter
def era_day(value: dt.date | None) -> str:
    """令和8年11月20日（金）."""
    return dates.era_day_words(value) if value else ""


@register.filter
def moment(value: dt.datetime | None) -> str:
    """1月18日（月） 10:50, in Japan."""
    return dates.moment_words(value) if value else ""


@register.filter
def moment_in(value: dt.datetime | None, zone: str) -> str:
    """The same moment on the clock of another place: somebody abroad reads each time twice."""
    return dates.moment_words(value, zone=ZoneInfo(zone)) if value else ""


@register.filter
def clock(value: dt.datetime | dt.time | None) -> str:
    return dates.clock_words(value) if value else ""


@register.filter
def days_left(value: dt.date | None) -> str:
    return dates.days_until_words(value) if value else ""


@register.filter
def fiscal_year(value: int | dt.date | None) -> str:
    if value is None:
        return ""
    return dates.fiscal_year_name(dates.fiscal_year_of(value) if isinstance(value, dt.date) else value)


@register.filter
def figure(value: int | None) -> str:
    """1,234: a whole number with its thousands marked."""
    return f"{value:,}" if value is not None else ""


@register.filter
def people(count: int | None) -> str:
    """74人, in English 74 pupils."""
    return ngettext("%(count)s人", "%(count)s人", count or 0) % {"count": f"{count or 0:,}"}


@register.filter
def persons(count: int | None) -> str:
    """40人, in English 40 people: who comes to an event need not be a pupil."""
    return npgettext("persons", "%(count)s人", "%(count)s人", count or 0) % {"count": f"{count or 0:,}"}


@register.filter
def ambassadors(count: int | None) -> str:
    """2人, in English 2 ambassadors: pupils are counted with `people`."""
    return npgettext("ambassadors", "%(count)s人", "%(count)s人", count or 0) % {"count": f"{count or 0:,}"}


@register.filter
def city(zone: str) -> str:
    """The place that names a time zone, as people know it: Berlin for Europe/Berlin."""
    return zone.rpartition("/")[2].replace("_", " ")


@register.simple_tag
def gap() -> str:
    """What stands between two sentences: a blank in English, nothing in Japanese."""
    return " " if (get_language() or "ja").startswith("en") else ""


@register.simple_tag
def page_of_editors(path: str) -> str:
    """The address of a page that editors write, such as /safety/, in the language of this page."""
    return words.in_language_of_reader(path)


register.filter("listed", words.listed)
register.filter("as_said", words.as_said)
register.filter("as_written", words.as_written)


@register.filter
def lang_of(row: object, field: str) -> SafeString:
    """The attribute of an element that holds this field, where its words stay Japanese on an English page."""
    return SafeString(' lang="ja"' if words.is_untranslated(row, field) else "")


register.filter("bracketed", words.bracketed)


@register.simple_tag
def when(value: dt.datetime | None) -> SafeString:
    """A moment with its machine-readable form beside the words."""
    if value is None:
        return SafeString("")
    return format_html(
        '<time datetime="{}">{}</time>',
        value.astimezone(dates.TOKYO).isoformat(timespec="minutes"),
        dates.moment_words(value),
    )


def tag_html(label: str, kind: str = "") -> SafeString:
    """The tag component as a string, for long lists where an included template per row costs too much."""
    return format_html('<span class="tag{}">{}</span>', f" tag--{kind}" if kind else "", label)


def due_html(day: dt.date | None) -> SafeString:
    """How near the day of an answer is: late, within a week, or later."""
    if day is None:
        return SafeString("")
    left = (day - dates.today()).days
    near = dates.days_until_words(day)
    if left < 0:
        return tag_html(near, "bad")
    return tag_html(near, "care") if left <= 7 else format_html("<b>{}</b>", near)
