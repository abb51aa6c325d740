"""Serving pages: an English address without a translation answers with the Japanese page and says so."""

import datetime as dt
from typing import Any

from django.contrib.sitemaps.views import sitemap as draw_sitemap
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe
from wagtail.models import Page
from wagtail.views import serve

from pages.maps import SITEMAPS
from pages.models import HomePage, PublicPage
from pages.previews import PreviewLink
from pages.public import public_pages
from pages.ways import way_to
from ui.caching import for_strangers, kept


@for_strangers
def serve_page(request: HttpRequest, path: str) -> HttpResponse:
    """Wagtail's page at this address; under /en/ the Japanese page where nobody has translated it yet."""
    page = _public_page(path)
    if page is not None:
        return _until_its_end(page.serve(request))
    try:
        # What only some may read, and what is not there at all.
        return serve(request, path)
    except Http404:
        if translation.get_language() != "en":
            raise
        with translation.override("ja"):
            page = _public_page(path)
        if page is None:
            raise
        response = page.serve(request)
        response.context_data["untranslated"] = True
        return _until_its_end(response)


def _until_its_end(response: HttpResponse) -> HttpResponse:
    """Memory must not show a page that has run out."""
    page = (getattr(response, "context_data", None) or {}).get("page")
    if page is not None:
        response.kept_until = page.expire_at
    return response


def _public_page(path: str) -> Page | None:
    """The page that everybody may read at this address of the active language, with the way to it."""
    steps = [part for part in path.split("/") if part]
    url_path = "/".join([kept("home", _path_of_home), *steps, ""])
    way = way_to(url_path)
    if way is None or not issubclass(way.kind, PublicPage):
        return None
    # Whether everybody may read it is asked each time; what it says, once for each time it was published.
    asked = public_pages().filter(url_path=url_path).values_list("pk", "last_published_at")
    found = next(iter(asked[:1]), None)
    page = _as_published(way.kind, *found) if found else None
    if page is not None:
        page.above, page.twin = way.above, way.twin
    return page


def _as_published(kind: type[Page], key: int, published_at: dt.datetime | None) -> Page | None:
    """A copy of its own for every reader; what stands in its blocks is read where they are drawn."""
    pages = kind.objects.select_related("locale", "section", "share_picture").defer_streamfields()
    stamp = published_at.timestamp() if published_at else 0
    return kept(f"page-{key}-{stamp}", lambda: pages.filter(pk=key).first())


def _path_of_home() -> str:
    home = HomePage.objects.filter(locale__language_code=translation.get_language() or "ja").first()
    return home.url_path.rstrip("/") if home else "/"


@require_safe
def preview(request: HttpRequest, token: str) -> HttpResponse:
    """The newest draft of a page, for whoever was given the address; nothing else opens by it."""
    link = PreviewLink.objects.known_by(token)
    if link is None:
        raise Http404
    draft = link.page.specific_class.objects.get(pk=link.page_id).get_latest_revision_as_object()
    with translation.override(draft.locale.language_code):
        request.LANGUAGE_CODE = draft.locale.language_code
        request.is_preview = True
        context = {**draft.get_context(request), "preview_link": link, "no_robots": True}
        response: TemplateResponse = TemplateResponse(request, draft.get_template(request), context)
        response.render()
    patch_cache_control(response, private=True, no_store=True)
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


preview.one_language = True


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """Every address that everybody may read, in both languages."""
    return draw_sitemap(request, SITEMAPS)


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What search engines may fetch: all but the rooms behind a sign-in."""
    words: dict[str, Any] = {"sitemap": request.build_absolute_uri(reverse("sitemap"))}
    return render(request, "pages/robots.txt", words, content_type="text/plain; charset=utf-8")


sitemap.one_language = robots.one_language = True
