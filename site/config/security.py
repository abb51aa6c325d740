"""The content security policy: strict everywhere, wider only inside the editors' house."""

from csp.middleware import CSPMiddleware
from django.http import HttpRequest, HttpResponse

# Wagtail's editor starts its date pickers and rich text with inline script and style elements.
EDITOR_HOUSE = "/cms/"
EDITOR_POLICY = {
    "script-src": ["'self'", "'unsafe-inline'"],
    "style-src": ["'self'", "'unsafe-inline'"],
    "img-src": ["'self'", "data:", "blob:"],
    "frame-src": ["'self'"],
}


class ContentPolicyMiddleware(CSPMiddleware):
    """Sends the strict policy with every page; pages under /cms/ get what the Wagtail editor needs."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if request.path_info.startswith(EDITOR_HOUSE):
            response._csp_update = EDITOR_POLICY | (getattr(response, "_csp_update", None) or {})
        response.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return super().process_response(request, response)
