"""The page of a visit, and what its parties say of it in one press or with a reason.

Pages of one occasion lie beside this file: `offer_pages.py`, `move_pages.py`, `report_pages.py`, `wish_pages.py`.
"""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from outreach.ambassadors.rules import spoken_for
from outreach.lives import NotAllowed, Party, TooLate
from outreach.requests.history import history
from outreach.requests.states import RequestState
from outreach.requests.views import planned_groups, reason_page, refusal_of, refused_page
from outreach.visits import actions
from outreach.visits.forms import CommentForm, RefuseForm
from outreach.visits.models import Visit
from outreach.visits.rules import parties_of_visit
from outreach.visits.states import (
    LIFE_OF_A_RESCHEDULE,
    LIFE_OF_A_VISIT,
    RescheduleState,
    VisitState,
    time_is_not_held,
)
from ui import places
from ui.words import listed

TOKYO = "Asia/Tokyo"


def visit_of(request: HttpRequest, public_id: uuid.UUID) -> Visit:
    rows = (
        Visit.objects.visible_to(request.user)
        .select_related(
            "request__contact", "request__school", "request__board", "request__organisation", "school", "slot"
        )
        .prefetch_related("participations__ambassador__user", "participations__offer")
    )
    return get_object_or_404(rows, public_id=public_id)


@login_required
@require_safe
def show(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The page of a visit: when, where, who, whose turn."""
    return show_visit(request, visit_of(request, public_id))


def buttons_of(row: Visit, parties: set[Party]) -> list[str]:
    """What these parties may do now; an ambassador beside others leaves, and does not cancel for them."""
    verbs = [move.verb for move in LIFE_OF_A_VISIT.buttons(row, parties)]
    if parties == {Party.AMBASSADOR} and len(row.present_ambassadors) > 1:
        verbs = [verb for verb in verbs if verb != "cancel"]
    return verbs


def show_visit(
    request: HttpRequest, row: Visit, refuse_form: RefuseForm | None = None, status: int = 200
) -> HttpResponse:
    parties = parties_of_visit(request.user, row)
    is_party = bool(parties)
    reports = list(row.reports.prefetch_related("groups__school").order_by("-version")) if is_party else []
    report = reports[0] if reports else row.reports.prefetch_related("groups__school").order_by("-version").first()
    is_staff = Party.COORDINATOR in parties
    ambassadors = row.present_ambassadors
    own = spoken_for(request.user, ambassadors)
    # Once the desk has said that these are enough, nobody is looked for any more.
    is_looking = row.request.state == RequestState.OPEN and row.state == VisitState.CONFIRMED and not row.is_over
    return render(
        request,
        "outreach/visits/show.html",
        {
            "visit": row,
            "asked": row.request,
            "participations": [p for p in row.participations.all() if p.left_at is None],
            "names": listed(_("%(name)sさん") % {"name": person.name} for person in ambassadors),
            "coming": len(ambassadors),
            "still_wanted": max(0, row.request.ambassadors_wanted - len(ambassadors)) if is_looking else 0,
            "report": report,
            "older_reports": reports[1:],
            "may_verify": is_staff and actions.may_verify(request.user, row),
            "may_see_contacts": is_party and row.state in actions.CONTACTS_OPEN,
            "is_party": is_party,
            "is_staff": is_staff,
            "is_school": Party.SCHOOL in parties,
            "is_ambassador": any(person.user_id == request.user.pk for person in own),
            "own": own,
            "home_zone": home_zone_of(own),
            "buttons": buttons_of(row, parties),
            "groups": planned_groups(row.request) if is_party else [],
            "steps": history(row.request, see_names=is_staff, hide_offers=not is_staff) if is_party else [],
            "last_reason": _reason_of_state(row),
            "comment_form": CommentForm(initial={"comment": report.ambassador_comment})
            if report and Party.AMBASSADOR in parties and row.state in ("reported", "returned")
            else None,
            "proposal": _shown_proposal(request, row, parties) if is_party else None,
            "refuse_form": refuse_form or RefuseForm(),
            "may_propose": is_party and refusal_to_propose(row) is None,
            "parts": list(places.visit_page.ask(request, row, parties)) if is_party else [],
        },
        status=status,
    )


def home_zone_of(own: list) -> str:
    """The zone of somebody abroad, who reads each time twice; "" in Japan."""
    return next((person.time_zone for person in own if person.time_zone != TOKYO), "")


def _reason_of_state(row: Visit) -> str:
    """The words with which the visit came into its present state."""
    led_here = row.steps.filter(subject="visit", to_state=row.state).exclude(from_state=row.state)
    return led_here.order_by("-at", "-pk").values_list("reason", flat=True).first() or ""


def _shown_proposal(request: HttpRequest, row: Visit, parties: set[Party]) -> dict[str, Any] | None:
    """The proposal that is open, or has just run out: both times, who has agreed, and what this person may do."""
    reschedule = (
        row.reschedules.filter(state=RescheduleState.OPEN)
        .select_related("slot", "old_slot")
        .prefetch_related("agreed")
        .first()
    )
    if reschedule is None or row.state != VisitState.CONFIRMED:
        return None
    reschedule.visit = row
    missing = reschedule.still_asked()
    speaks_for_school = None in missing and Party.SCHOOL in parties
    own_word_is_missing = speaks_for_school or bool(spoken_for(request.user, [one for one in missing if one]))
    verbs = [move.verb for move in LIFE_OF_A_RESCHEDULE.buttons(reschedule, parties)]
    if not own_word_is_missing:
        verbs = [verb for verb in verbs if verb not in {"agree", "refuse"}]
    if reschedule.is_over or (Party.COORDINATOR not in parties and reschedule.proposed_for not in parties):
        verbs = [verb for verb in verbs if verb != "withdraw"]
    sides = [(row.request.host_name, None), *((person.name, person) for person in row.present_ambassadors)]
    return {
        "row": reschedule,
        "by": row.request.host_name
        if reschedule.proposed_for == Party.SCHOOL
        else Party(reschedule.proposed_for).label,
        "answers": [{"name": name, "has_agreed": side not in missing} for name, side in sides],
        "waits_for": listed(name for name, side in sides if side in missing),
        "verbs": verbs,
    }


def refusal_to_propose(row: Visit) -> NotAllowed | None:
    if row.state != VisitState.CONFIRMED:
        return TooLate(_("訪問は「%(state)s」です。日時は変えられません。") % {"state": row.state_words})
    if words := time_is_not_held(row):
        return NotAllowed(words)
    if row.reschedules.waiting().exists():
        return TooLate(
            _("日時変更の相談がもう出ています。先に、訪問のページでその相談に返事をするか、取り消してください。")
        )
    return None


def act_on(request: HttpRequest, row: Visit, act, done: str, then: str = "") -> HttpResponse:
    try:
        act()
    except TooLate as refusal:
        return refused_page(request, refusal, back=row.get_absolute_url())
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)
        if then:
            return redirect(then)
    return redirect(row)


def _not_now(request: HttpRequest, row: Visit, verb: str) -> HttpResponse | None:
    """A stranger to the visit meets 404; a party for whom the verb is not open now is led back with a word why."""
    parties = parties_of_visit(request.user, row)
    if not parties:
        raise Http404
    if verb in buttons_of(row, parties):
        return None
    refusal = refusal_of(LIFE_OF_A_VISIT, row, verb, parties)
    if request.method == "POST" and isinstance(refusal, TooLate):
        return refused_page(request, refusal, back=row.get_absolute_url())
    words = str(refusal or _("ほかの推進大使も担当です。来られないときは「担当を外れる」を選んでください。"))
    messages.info(request, words)
    return redirect(row)


def _named_ambassador(request: HttpRequest, row: Visit) -> Any:
    """The ambassador whom the address or the form names; None when it names nobody."""
    named = request.POST.get("who") or request.GET.get("who")
    if not named:
        return None
    found = next((person for person in row.present_ambassadors if str(person.public_id) == named), None)
    if found is None:
        raise Http404
    return found


@login_required
@require_POST
def deliver(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Somebody who was there says the lesson took place."""
    row = visit_of(request, public_id)
    return act_on(request, row, lambda: actions.deliver(row, by=request.user), _("実施したことを記録しました。"))


@login_required
@require_POST
def undo_deliver(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """It was said by mistake that the lesson took place."""
    row = visit_of(request, public_id)
    return act_on(request, row, lambda: actions.undo_deliver(row, by=request.user), _("実施の記録を取り消しました。"))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def not_held(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The day passed and nothing took place; the request can be given new dates."""
    row = visit_of(request, public_id)
    if (led := _not_now(request, row, "not_held")) is not None:
        return led
    return reason_page(
        request,
        title=_("実施しなかったことを伝える"),
        button=_("実施しなかったと伝える"),
        back=row.get_absolute_url(),
        lead=_("活動の数には入りません。申込みは調整に戻り、希望日時を加えると、もう一度推進大使を探せます。"),
        act=lambda reason: actions.not_held(row, by=request.user, reason=reason),
        about=row.in_one_line,
        done=_("実施しなかったことを、相手と事務局に伝えました。"),
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One ambassador comes no longer; the visit goes on with the others."""
    row = visit_of(request, public_id)
    if (led := _not_now(request, row, "leave")) is not None:
        return led
    ambassador = _named_ambassador(request, row)
    own = spoken_for(request.user, row.present_ambassadors)
    if ambassador is None and len(own) == 1:
        ambassador = own[0]
    if ambassador is None:
        messages.info(request, _("外れる推進大使を、訪問のページで選んでください。"))
        return redirect(row)
    is_own = ambassador in own
    if not is_own and not request.user.is_coordinator:
        raise PermissionDenied
    return reason_page(
        request,
        title=_("担当を外れる") if is_own else _("%(name)sさんの担当を外す") % {"name": ambassador.name},
        button=_("担当を外れる") if is_own else _("担当から外す"),
        back=row.get_absolute_url(),
        lead=_("訪問は、ほかの担当の推進大使で行います。学校、ほかの推進大使、事務局にメールで伝わります。"),
        act=lambda reason: actions.leave(row, by=request.user, reason=reason, ambassador=ambassador),
        about=row.in_one_line,
        done=_("担当を外れました。確保していた時間は空きました。") if is_own else _("担当から外しました。"),
        then="my" if is_own and not request.user.is_coordinator else "",
        hidden={"who": ambassador.public_id},
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def replace(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The desk looks for somebody in an ambassador's place, who stays until somebody is found."""
    row = visit_of(request, public_id)
    if not request.user.is_coordinator:
        raise PermissionDenied
    if (led := _not_now(request, row, "replace")) is not None:
        return led
    ambassador = _named_ambassador(request, row)
    if ambassador is None:
        messages.info(request, _("交代を探す推進大使を、訪問のページで選んでください。"))
        return redirect(row)
    return reason_page(
        request,
        title=_("%(name)sさんの交代を探す") % {"name": ambassador.name},
        button=_("交代を探す"),
        back=row.get_absolute_url(),
        lead=_("訪問は決まったままです。打診した人が引き受けたときに交代し、学校と推進大使にメールで伝わります。"),
        act=lambda reason: actions.replace(row, by=request.user, reason=reason, ambassador=ambassador),
        about=row.in_one_line,
        done=_("交代の推進大使を探し始めました。次に打診する人を選んでください。"),
        then=reverse("desk:request", args=[row.request.public_id]),
        hint=_("事務局の記録に残ります。学校と推進大使には伝わりません。"),
        hidden={"who": ambassador.public_id},
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The visit will not take place; the other side learns why."""
    row = visit_of(request, public_id)
    if (led := _not_now(request, row, "cancel")) is not None:
        return led
    return reason_page(
        request,
        title=_("訪問を中止する"),
        button=_("訪問を中止する"),
        back=row.get_absolute_url(),
        lead=_("相手と事務局にすぐメールで伝わります。申込みは調整に戻り、事務局が次の手を探します。"),
        act=lambda reason: actions.cancel(row, by=request.user, reason=reason),
        about=row.in_one_line,
        done=_("訪問を中止しました。相手と事務局に伝えました。"),
    )
