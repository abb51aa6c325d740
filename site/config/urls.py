"""All addresses. Django's own are mounted before Wagtail's; what exists once stands outside the languages."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path, re_path
from django.views.decorators.http import require_safe
from django.views.generic import RedirectView
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls
from wagtail.urls import serve_pattern

from accounts.views import to_sign_in
from config.health import healthz
from config.media import media
from outreach.boards.views import export as export_of_board
from outreach.calendars.views import feed_freebusy, feed_ics
from pages.event_calendar import events_ics
from pages.maps import NewsFeed
from pages.views import preview, robots, serve_page, sitemap
from ui.blocked.views import csp_report

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("csp-report/", csp_report, name="csp_report"),
    # One door only: Wagtail's own password form would stand beside it.
    path("cms/login/", to_sign_in),
    path("cms/logout/", RedirectView.as_view(pattern_name="account_logout")),
    path("cms/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("preview/<str:token>/", preview, name="page_preview"),
    path("sitemap.xml", sitemap, name="sitemap"),
    path("robots.txt", robots, name="robots"),
    path("feeds/<slug:token>.ics", feed_ics, name="feed_ics"),
    path("feeds/<slug:token>/freebusy.ics", feed_freebusy, name="feed_freebusy"),
    path("events/feed.ics", events_ics, name="events_ics"),
    path("boards/<uuid:public_id>/requests.csv", export_of_board, name="board_requests_csv"),
    path(f"{settings.MEDIA_URL.strip('/')}/<path:path>", media, name="media"),
]
urlpatterns += i18n_patterns(
    path("accounts/", include("allauth.urls")),
    path("", include("accounts.urls")),
    path("", include("outreach.urls")),
    path("", include("analytics.urls")),
    # Where Wagtail sends strangers who open a page that only some may read.
    path("_util/login/", require_safe(to_sign_in), name="wagtailcore_login"),
    path("news/feed.xml", NewsFeed(), name="news_feed"),
    re_path(serve_pattern, serve_page, name="wagtail_serve"),
    prefix_default_language=False,
)

handler400 = "ui.errors.bad_request"
handler403 = "ui.errors.forbidden"
handler404 = "ui.errors.missing"
handler500 = "ui.errors.broken"
