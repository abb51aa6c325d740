"""What the editors' house shows of ours: links for approval, banners and sections."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST
from wagtail.admin import messages
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.admin.widgets import Button
from wagtail.models import Page
from wagtail.snippets.views.snippets import SnippetViewSet

from pages.notices import Banner, Section
from pages.previews import LASTS, PreviewLink, end_link, make_link


class BannerViewSet(SnippetViewSet):
    model = Banner
    icon = "warning"
    menu_label = gettext_lazy("緊急のお知らせ")
    add_to_admin_menu = True
    menu_order = 250
    list_display = ["text_ja", "urgency", "shown_from", "shown_until"]
    panels = [
        FieldPanel("urgency"),
        FieldPanel("text_ja"),
        FieldPanel("text_en"),
        FieldPanel("page"),
        FieldRowPanel([FieldPanel("shown_from"), FieldPanel("shown_until")]),
    ]


class SectionViewSet(SnippetViewSet):
    model = Section
    icon = "group"
    list_display = ["name_ja", "mail", "phone"]
    panels = [
        FieldPanel("key"),
        FieldRowPanel([FieldPanel("name_ja"), FieldPanel("name_en")]),
        FieldRowPanel([FieldPanel("mail"), FieldPanel("phone")]),
    ]


def _page_of(request: HttpRequest, page_id: int) -> Page:
    """The page, for those who may write in it."""
    page = get_object_or_404(Page, pk=page_id).specific
    if not page.permissions_for_user(request.user).can_edit():
        raise PermissionDenied
    return page


@require_http_methods(["GET", "HEAD", "POST"])
def preview_links(request: HttpRequest, page_id: int) -> HttpResponse:
    """The links by which people without an account read the draft; a press makes one and tells it this once."""
    page = _page_of(request, page_id)
    address = ""
    if request.method == "POST":
        _link, token = make_link(page, by=request.user)
        address = request.build_absolute_uri(reverse("page_preview", args=(token,)))
    response = TemplateResponse(
        request,
        "pages/cms/preview_links.html",
        {
            "page": page,
            "address": address,
            "days": LASTS.days,
            "links": page.preview_links.alive().select_related("made_by"),
            "back": reverse("wagtailadmin_pages:edit", args=(page.pk,)),
        },
    )
    patch_cache_control(response, no_store=True, private=True)
    return response


@require_POST
def end_preview_link(request: HttpRequest, page_id: int, public_id: Any) -> HttpResponse:
    page = _page_of(request, page_id)
    end_link(get_object_or_404(PreviewLink, page=page, public_id=public_id), by=request.user)
    messages.success(request, _("確認用リンクを取り消しました。"))
    return redirect("page_preview_links", page.pk)


def header_buttons(page: Page, user: Any, view_name: str, next_url: str | None = None) -> Any:
    if page.depth > 1 and page.permissions_for_user(user).can_edit():
        yield Button(
            _("確認用リンク"),
            reverse("page_preview_links", args=(page.pk,)),
            icon_name="link",
            priority=62,
        )


urls = [
    path("pages/<int:page_id>/preview-links/", preview_links, name="page_preview_links"),
    path("pages/<int:page_id>/preview-links/<uuid:public_id>/end/", end_preview_link, name="end_page_preview_link"),
]
