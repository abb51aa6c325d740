"""Reports in the editors' house: what browsers stopped on our pages, for administrators."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import AdminOnlyMenuItem, MenuItem
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views.reports import ReportView

from ui.models import BlockedSource


class BlockedSourcesView(ReportView):
    model = BlockedSource
    page_title = _("読み込みの遮断")
    header_icon = "warning"
    index_url_name = "blocked_sources"
    index_results_url_name = "blocked_sources_results"
    default_ordering = "-last_seen_at"
    no_results_message = _("ブラウザーからの知らせはありません。")
    columns = [
        TitleColumn("source", label=_("止めたもの"), sort_key="source"),
        Column("directive", label=_("きまり"), sort_key="directive"),
        Column("page", label=_("ページ"), sort_key="page"),
        Column("count", label=_("回数"), sort_key="count"),
        DateColumn("first_seen_at", label=_("最初"), sort_key="first_seen_at"),
        DateColumn("last_seen_at", label=_("最後"), sort_key="last_seen_at"),
    ]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_superuser:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


urls = [
    path("reports/blocked/", BlockedSourcesView.as_view(), name="blocked_sources"),
    path("reports/blocked/results/", BlockedSourcesView.as_view(results_only=True), name="blocked_sources_results"),
]


def menu_item() -> MenuItem:
    return AdminOnlyMenuItem(
        _("読み込みの遮断"), reverse("blocked_sources"), name="blocked-sources", icon_name="warning", order=1300
    )
