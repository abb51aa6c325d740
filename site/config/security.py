"""The headers every answer carries. One content security policy for the whole house, the editors' house included."""

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.http import HttpRequest, HttpResponse

# What browsers can lend a page, and no page of ours asks for.
UNUSED_POWERS = (
    "accelerometer",
    "autoplay",
    "camera",
    "display-capture",
    "encrypted-media",
    "gamepad",
    "geolocation",
    "gyroscope",
    "hid",
    "idle-detection",
    "local-fonts",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "picture-in-picture",
    "screen-wake-lock",
    "serial",
    "usb",
    "xr-spatial-tracking",
)
PERMISSIONS = ", ".join(f"{power}=()" for power in UNUSED_POWERS)
# On a plain connection Chromium keeps what `report-to` names to itself: there it is left to `report-uri` alone.
REPORT_TO, REPORTING_ENDPOINTS = {"report-to": ["csp"]}, 'csp="/csp-report/"'

EDITORS_HOUSE = "/cms/"
# Pictures that are being uploaded are shown before they have an address; previews stand in a frame of ours.
IN_THE_EDITORS_HOUSE = {
    "img-src": ["'self'", "data:", "blob:"],
    "frame-src": ["'self'"],
    "frame-ancestors": ["'self'"],
}
# Where somebody writes in Draft.js, which adds style elements with names of its own making. Scripts are as strict there as
# anywhere. A snippet that gets rich text one day adds its own two routes.
STYLE_ELEMENTS = {"style-src-elem": ["'self'", "'unsafe-inline'"]}
EDITOR_ROUTES = {"wagtailadmin_pages:add", "wagtailadmin_pages:edit"}


class ContentPolicyMiddleware(CSPMiddleware):
    """Sends the strict policy with every answer, static files included."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        # A preview asks ourselves, and should not be sent to HTTPS to ask again.
        if getattr(request, "is_dummy", False) and settings.SECURE_SSL_REDIRECT:
            request.META["wsgi.url_scheme"] = "https"

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        # A preview is made by asking ourselves for the page: the answer that leaves the house gets its headers, not this one.
        if getattr(request, "is_dummy", False):
            return response
        if request.path_info.startswith(EDITORS_HOUSE):
            response._csp_replace = IN_THE_EDITORS_HOUSE | (STYLE_ELEMENTS if is_editor_route(request) else {})
        if request.is_secure():
            response._csp_update = REPORT_TO
            response.headers.setdefault("Reporting-Endpoints", REPORTING_ENDPOINTS)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return super().process_response(request, response)


def is_editor_route(request: HttpRequest) -> bool:
    """Whether somebody writes on this page of the editors' house."""
    return request.resolver_match is not None and request.resolver_match.view_name in EDITOR_ROUTES
