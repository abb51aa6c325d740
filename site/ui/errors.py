"""Error pages: what happened, why, what next, and a way to a person."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve

from ui.context import desk_contact, other_home


def _page(request: HttpRequest, status: int) -> HttpResponse:
    return render(request, f"{status}.html", status=status)


def _bare_page(template: str, status: int) -> HttpResponse:
    """A page that needs nothing of the request: what failed may be the request itself."""
    return HttpResponse(render_to_string(template, {"desk_contact": desk_contact()}), status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _bare_page("400.html", 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 403)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's token is missing or old: what was typed is still in the browser, one page back."""
    return _bare_page("403_csrf.html", 403)


def missing(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The same bytes for a thing that is not there and for one that is not theirs: no path, no hint."""
    return render(request, "404.html", {"other_language": other_home()}, status=404)


def broken(request: HttpRequest) -> HttpResponse:
    return _bare_page("500.html", 500)


def only_pressed(request: HttpRequest) -> HttpResponse:
    """The address belongs to a button: nothing was done, and the page with the button is the nearest one above."""
    return render(request, "405.html", {"back": _nearest_page(request.path_info)}, status=405)


def _nearest_page(path: str) -> str:
    while (path := path.rstrip("/").rpartition("/")[0] + "/").count("/") > 2:
        try:
            resolve(path)
        except Resolver404:
            continue
        return path
    return ""


def busy(request: HttpRequest) -> HttpResponse:
    """Too many at once: nothing was changed, and a moment later it works."""
    response = _bare_page("503.html", 503)
    response.headers["Retry-After"] = "5"
    return response
