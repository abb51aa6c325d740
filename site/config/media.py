"""Uploaded pictures, served by the application: images of the CMS and published portraits, never as active content."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from django.views.static import serve

SERVED = {"images", "original_images", "portraits"}


@require_safe
def media(request: HttpRequest, path: str) -> HttpResponse:
    """A picture under MEDIA_ROOT; everything else there answers like a missing file."""
    if path.partition("/")[0] not in SERVED or path.lower().endswith((".svg", ".html", ".htm", ".xml")):
        raise Http404
    response = serve(request, path, document_root=settings.MEDIA_ROOT)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "public, max-age=3600"
    return response


media.one_language = True
