"""Uploaded pictures, served by the application: pictures of the CMS and published portraits, never as active content."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from django.views.static import serve

from pages.pictures import Drawing, Picture

SERVED = {"images", "original_images", "portraits"}


@require_safe
def media(request: HttpRequest, path: str) -> HttpResponse:
    """A picture under MEDIA_ROOT; everything else there answers like a missing file.

    A picture of the CMS on which pupils may be recognised is for those who write pages until both questions have an answer.
    """
    folder = path.partition("/")[0]
    if folder not in SERVED or path.lower().endswith((".svg", ".html", ".htm", ".xml")):
        raise Http404
    is_for_all = folder == "portraits" or _may_be_shown(path)
    if not is_for_all and not (request.user.is_authenticated and request.user.has_perm("wagtailadmin.access_admin")):
        raise Http404
    response = serve(request, path, document_root=settings.MEDIA_ROOT)
    response["X-Content-Type-Options"] = "nosniff"
    if not request.user.is_authenticated:
        response["Cache-Control"] = "public, max-age=3600"
    return response


def _may_be_shown(path: str) -> bool:
    picture = Picture.objects.filter(file=path).first()
    if picture is None:
        drawing = Drawing.objects.select_related("image").filter(file=path).first()
        picture = drawing and drawing.image
    return picture is not None and picture.may_be_shown


media.one_language = True
