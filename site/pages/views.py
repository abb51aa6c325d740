"""Serving pages: an English address without a translation answers with the Japanese page and says so."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation
from wagtail.models import Page, Site
from wagtail.views import serve

from ui.caching import for_strangers


@for_strangers
def serve_page(request: HttpRequest, path: str) -> HttpResponse:
    """Wagtail's page at this address; under /en/ the Japanese page where nobody has translated it yet."""
    try:
        return serve(request, path)
    except Http404:
        if translation.get_language() != "en":
            raise
        page = _japanese_page(request, path)
        if page is None:
            raise
        response = page.serve(request)
        response.context_data["untranslated"] = True
        return response


def _japanese_page(request: HttpRequest, path: str) -> Page | None:
    site = Site.find_for_request(request)
    if site is None:
        return None
    with translation.override("ja"):
        found = site.root_page.localized.specific.route(request, [part for part in path.split("/") if part])
    page = found.page
    # Only what everybody may read: a restricted page must not open through its missing translation.
    return page if page.live and not page.get_view_restrictions().exists() else None
