"""Hosts of outside calendars that nobody has used before: the desk says whether they may be asked. It sees the host alone."""

import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rules import coordinators_only
from outreach.availability import sources
from outreach.availability.models import CalendarSource
from outreach.lives import NotAllowed
from outreach.requests.views import reason_page

PAGE_LENGTH = 50


@coordinators_only
@require_safe
def calendars(request: HttpRequest) -> HttpResponse:
    """Calendars that wait, the oldest first."""
    waiting = CalendarSource.objects.waiting().select_related("ambassador").order_by("added_at", "pk")
    page = Paginator(waiting, PAGE_LENGTH).get_page(request.GET.get("page"))
    return render(request, "outreach/desk/calendars.html", {"page": page})


def _source(public_id: uuid.UUID) -> CalendarSource:
    return get_object_or_404(CalendarSource.objects.select_related("ambassador"), public_id=public_id)


@coordinators_only
@require_POST
def approve_calendar(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """This host may be asked."""
    source = _source(public_id)
    try:
        sources.approve(source, by=request.user)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("%(host)sからの読み取りを認めました。") % {"host": source.host})
    return redirect("desk:calendars")


@coordinators_only
@require_http_methods(["GET", "HEAD", "POST"])
def refuse_calendar(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """This calendar is not read."""
    source = _source(public_id)
    return reason_page(
        request,
        title=_("%(host)sから読み取らない") % {"host": source.host},
        button=_("読み取らないことにする"),
        back=reverse("desk:calendars"),
        lead=_("このカレンダーの予定は数えません。理由は、外部カレンダーのページで本人と秘書に伝わります。"),
        hint=_("本人と秘書に伝わります。"),
        about=_("%(name)sさんのカレンダー") % {"name": source.ambassador.name},
        act=lambda reason: sources.refuse(source, by=request.user, reason=reason),
        done=_("%(host)sからは読み取らないことにしました。") % {"host": source.host},
    )
