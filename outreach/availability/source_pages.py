"""The pages of outside calendars: the list with how to find an address, and one calendar."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.once import once
from accounts.rules import only
from outreach.ambassadors.models import Ambassador
from outreach.ambassadors.rules import assisted_by
from outreach.availability import reasons, sources
from outreach.availability.models import CalendarSource, Light
from outreach.availability.source_forms import CalendarForm, ChangeCalendarForm
from outreach.lives import NotAllowed

TAGS = {
    Light.FRESH: "done",
    Light.STALE: "care",
    Light.FAILED: "bad",
    Light.REFUSED: "bad",
    Light.WAITING: "going",
    Light.NEW: "going",
}


def _speaks_for_somebody(user: Any) -> bool:
    return bool(assisted_by(user)) or Ambassador.objects.filter(user=user).exists()


for_ambassadors_and_assistants = only(_speaks_for_somebody)


def _people(request: HttpRequest) -> list[Ambassador]:
    """For whom this person keeps calendars, their own self first."""
    found = Ambassador.objects.filter(user=request.user) | Ambassador.objects.filter(pk__in=assisted_by(request.user))
    return sorted(found.select_related("user").order_by("name_kana", "pk"), key=lambda a: a.user_id != request.user.pk)


def _chosen(request: HttpRequest, people: list[Ambassador]) -> Ambassador:
    """Of several the one that the address names; a stranger there is nobody."""
    if "who" not in request.GET:
        return people[0]
    found = next((person for person in people if str(person.public_id) == request.GET["who"]), None)
    if found is None:
        raise Http404
    return found


def _line(source: CalendarSource) -> dict[str, Any]:
    """All that is told of one calendar."""
    return {
        "source": source,
        "address": sources.shown_address(source),
        "light": source.light.label,
        "tag": TAGS[source.light],
        "what_happened": reasons.what_happened(source),
        "what_to_do": reasons.what_to_do(source),
        "cautions": reasons.cautions(source),
    }


def _list_of(person: Ambassador, request: HttpRequest) -> str:
    address = reverse("availability:calendars")
    return address if person.user_id == request.user.pk else f"{address}?who={person.public_id}"


@for_ambassadors_and_assistants
@require_http_methods(["GET", "HEAD", "POST"])
def calendars(request: HttpRequest) -> HttpResponse:
    """The calendars whose times count as busy, and one more."""
    people = _people(request)
    person = _chosen(request, people)
    answer = _connect_or_show(request, people, person)
    if request.method == "POST" and answer.status_code == 302:
        # After the transaction: nobody holds a row while a server elsewhere is asked.
        sources.read_new(person)
    return answer


@once
def _connect_or_show(request: HttpRequest, people: list[Ambassador], person: Ambassador) -> HttpResponse:
    form = CalendarForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = sources.connect(person, by=request.user, **form.cleaned_data)
        except NotAllowed as refusal:
            form.add_error("address", str(refusal))
        else:
            if made.is_approved:
                messages.success(request, _("「%(name)s」をつなぎました。") % {"name": made.name})
            else:
                messages.success(
                    request,
                    _("「%(name)s」を登録しました。事務局が%(host)sを確かめると、読み取りが始まります。")
                    % {"name": made.name, "host": made.host},
                )
            return redirect(_list_of(person, request))
    rows = sources.with_times_ahead(person.calendar_sources.all())
    return render(
        request,
        "outreach/availability/calendars.html",
        {
            "person": person,
            "people": people if len(people) > 1 else [],
            "for_other": person.user_id != request.user.pk,
            "lines": [_line(source) for source in rows],
            "form": form,
            "most": sources.MOST,
            "is_full": len(rows) >= sources.MOST,
        },
        status=422 if request.method == "POST" else 200,
    )


def _source(request: HttpRequest, public_id: uuid.UUID) -> CalendarSource:
    rows = CalendarSource.objects.visible_to(request.user).select_related("ambassador__user")
    return get_object_or_404(rows, public_id=public_id)


@for_ambassadors_and_assistants
@require_http_methods(["GET", "HEAD", "POST"])
def calendar(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One calendar: how it is going, its name, whole days, and the way out."""
    source = _source(request, public_id)
    told = {"name": source.name, "counts_all_day": source.counts_all_day}
    form = ChangeCalendarForm(request.POST if request.method == "POST" else None, initial=told)
    if request.method == "POST" and form.is_valid():
        try:
            sources.change(source, by=request.user, **form.cleaned_data)
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("改めました。終日の予定の数え方は、次の読み取りから変わります。"))
            return redirect(source)
    sources.with_times_ahead([source])
    return render(
        request,
        "outreach/availability/calendar.html",
        {
            "line": _line(source),
            "source": source,
            "form": form,
            "back": _list_of(source.ambassador, request),
            "zone": source.ambassador.time_zone,
        },
        status=422 if request.method == "POST" else 200,
    )


@for_ambassadors_and_assistants
@require_POST
def read_calendar(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Read it at once."""
    source = _source(request, public_id)
    try:
        what = sources.read_now(source, by=request.user)
    except NotAllowed as refusal:
        messages.info(request, str(refusal))
    else:
        if what == sources.FAILED:
            messages.error(request, _("読み取れませんでした。理由は下にあります。前に読み取った予定はそのままです。"))
        elif what == sources.LATER:
            messages.info(request, _("時間がかかっているため、ここでは待たずに、あとで読み取ります。"))
        elif what == sources.SKIPPED:
            messages.info(request, _("ほかで読み取っている途中です。少したってから、画面を開き直してください。"))
        else:
            messages.success(request, _("読み取りました。"))
    return redirect(source)


@for_ambassadors_and_assistants
@require_POST
def remove_calendar(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The calendar and its times are gone at once."""
    source = _source(request, public_id)
    try:
        sources.disconnect(source, by=request.user)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request, _("「%(name)s」を外しました。このカレンダーの予定は、もう数えません。") % {"name": source.name}
        )
    return redirect(_list_of(source.ambassador, request))
