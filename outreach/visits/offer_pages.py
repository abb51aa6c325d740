"""The page of an offer, and its two answers."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.once import once
from outreach.ambassadors import conduct
from outreach.ambassadors.models import Ambassador, CodeOfConduct
from outreach.availability import sources
from outreach.lives import NotAllowed, Party, TooLate
from outreach.requests.views import planned_groups, refusal_of, refused_page
from outreach.visits import actions
from outreach.visits.forms import AcceptForm, DeclineForm
from outreach.visits.models import Offer, Visit
from outreach.visits.rules import parties_of_offer
from outreach.visits.states import LIFE_OF_AN_OFFER, OfferState, VisitState
from ui.dates import today


def _offer(request: HttpRequest, public_id: uuid.UUID) -> Offer:
    rows = Offer.objects.visible_to(request.user).select_related(
        "request__school", "request__board", "request__organisation", "ambassador__user"
    )
    return get_object_or_404(rows, public_id=public_id)


@login_required
@require_safe
def offer(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The question put to one ambassador: what, where, when, until when to answer."""
    return _show_offer(request, _offer(request, public_id))


def _confirmed_by_others(row: Offer) -> Visit | None:
    """The visit that came of the request so far, with its day and its people."""
    visits = row.request.visits.exclude(state__in=(VisitState.CANCELLED, VisitState.NOT_HELD))
    return visits.select_related("slot", "request").prefetch_related("participations__ambassador").first()


def _other_days(row: Offer, visit: Visit | None) -> list:
    """Days on which this ambassador could come instead; none once the day is fixed."""
    return [] if visit or row.state != OfferState.SENT or row.without_slots else actions.other_days(row)


def _show_offer(
    request: HttpRequest,
    row: Offer,
    accept_form: AcceptForm | None = None,
    decline_form: DeclineForm | None = None,
    status: int = 200,
) -> HttpResponse:
    visit = _confirmed_by_others(row)
    is_mine = bool(visit) and any(p.offer_id == row.pk and not p.left_at for p in visit.participations.all())
    may_answer = (
        Party.AMBASSADOR in parties_of_offer(request.user, row)
        and refusal_of(LIFE_OF_AN_OFFER, row, "accept", {Party.AMBASSADOR}) is None
    )
    if may_answer:
        accept_form = accept_form or AcceptForm(offer=row, visit=visit)
        decline_form = decline_form or DeclineForm(offer=row, other_days=_other_days(row, visit))
    return render(
        request,
        "outreach/visits/offer.html",
        {
            "offer": row,
            "asked": row.request,
            "slots": row.slots.order_by("rank"),
            "may_answer": may_answer,
            "for_other": may_answer and row.ambassador.user_id != request.user.pk,
            "has_accepted_code": not may_answer or conduct.has_accepted(row.ambassador),
            "groups": planned_groups(row.request),
            "competences": row.request.competences.all(),
            "accept_form": accept_form,
            "decline_form": decline_form,
            "visit": visit if is_mine else None,
            "fixed": None if is_mine else visit,
            "coming": len(visit.present_ambassadors) if visit else 0,
        },
        status=status,
    )


def _answered_too_late(request: HttpRequest, row: Offer, verb: str) -> HttpResponse | None:
    """The question has ended, by somebody's hand or by the clock: whatever was written in the form, it is too late."""
    refusal = refusal_of(LIFE_OF_AN_OFFER, row, verb, {Party.AMBASSADOR})
    return _offer_too_late(request, row, TooLate(str(refusal))) if refusal else None


def _offer_too_late(request: HttpRequest, row: Offer, refusal: TooLate) -> HttpResponse:
    """What became of this question, and which others still wait for the same person."""
    ended = row.steps.filter(subject="offer", verb__in=("lapse", "retract")).order_by("-at", "-pk").first()
    others = Offer.objects.waiting().filter(ambassador=row.ambassador).exclude(pk=row.pk)
    others = others.select_related("request__school", "request__board", "request__organisation")
    return refused_page(
        request,
        refusal,
        back=row.get_absolute_url(),
        reason=ended.reason if ended else "",
        offers=others.prefetch_related("slots").order_by("expires_at")[:10],
        asks_offers=True,
    )


@login_required
@require_POST
def accept(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The ambassador says yes to one of the days; before that their outside calendars are looked at once more."""
    asked = Offer.objects.visible_to(request.user).filter(public_id=public_id, state=OfferState.SENT)
    # Outside of any transaction: servers elsewhere are asked.
    sources.refresh_before_booking(Ambassador.objects.filter(pk__in=asked.order_by().values("ambassador_id")))
    return _accept(request, public_id)


@once
def _accept(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    row = _offer(request, public_id)
    if Party.AMBASSADOR not in parties_of_offer(request.user, row):
        raise PermissionDenied
    if row.state == OfferState.ACCEPTED and (booked := row.request.visits.filter(participations__offer=row).first()):
        if not row.without_slots and request.POST.get("slot") != str(row.accepted_slot.public_id):
            words = _("この打診は、%(slot)sで引き受けたあとです。別の日時にしたいときは、訪問のページで相談できます。")
            taken = TooLate(words % {"slot": row.accepted_slot.words})
            return refused_page(request, taken, back=booked.get_absolute_url())
        return redirect(booked)  # pressed twice: the first press booked it
    if (late := _answered_too_late(request, row, "accept")) is not None:
        return late
    form = AcceptForm(request.POST, offer=row, visit=_confirmed_by_others(row))
    if form.is_valid():
        if (code := _code_to_accept(request, row)) is not None:
            return _ask_for_conduct(request, row, code, form)
        chosen = form.cleaned_data
        try:
            visit = actions.accept(
                row,
                by=request.user,
                slot=chosen.get("slot"),
                note=chosen["note"],
                despite_calendar=chosen.get("despite_calendar", False),
            )
        except TooLate as refusal:
            return _offer_too_late(request, row, refusal)
        except actions.BusyElsewhere as busy:
            form.add_error("despite_calendar", _ask_again(str(busy)))
            return _show_offer(request, row, accept_form=form, status=422)
        except NotAllowed as refusal:
            return refused_page(request, refusal, back=row.get_absolute_url())
        messages.success(request, _("引き受けました。学校と事務局にメールで伝えました。"))
        return redirect(visit)
    return _show_offer(request, row, accept_form=form, status=422)


def _ask_again(words: str) -> str:
    return _("%(words)sそれでも引き受けるときは、印を付けてもう一度押してください。") % {"words": words}


def _code_to_accept(request: HttpRequest, row: Offer) -> CodeOfConduct | None:
    """This year's code of conduct when it must be accepted first; the form may carry the acceptance with it."""
    person = row.ambassador
    if person.user_id != request.user.pk or conduct.has_accepted(person):
        return None  # an assistant cannot accept it; the verb says what to do
    code = conduct.present_code()
    if request.POST.get("accepts_code") == str(code.pk):
        conduct.accept_code(person, by=request.user, code=code)
        return None
    return code


def _ask_for_conduct(request: HttpRequest, row: Offer, code: CodeOfConduct, form: AcceptForm) -> HttpResponse:
    """The text and one button that accepts both; the offer stays open, and the chosen day and the note go along."""
    return render(
        request,
        "outreach/visits/conduct_first.html",
        {"offer": row, "asked": row.request, "code": code, "year": today(), "form": form},
        status=422,
    )


@login_required
@require_POST
@once
def decline(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The ambassador cannot come this time."""
    row = _offer(request, public_id)
    if Party.AMBASSADOR not in parties_of_offer(request.user, row):
        raise PermissionDenied
    if (late := _answered_too_late(request, row, "decline")) is not None:
        return late
    form = DeclineForm(request.POST, offer=row, other_days=_other_days(row, _confirmed_by_others(row)))
    if form.is_valid():
        could_do = form.cleaned_data.get("could_do", ())
        try:
            actions.decline(row, by=request.user, note=form.cleaned_data["note"], could_do=could_do)
        except TooLate as refusal:
            return _offer_too_late(request, row, refusal)
        except NotAllowed as refusal:
            return refused_page(request, refusal, back=row.get_absolute_url())
        messages.success(request, _("見送りを事務局に伝えました。確保していた時間は空きました。"))
        return redirect("my")
    return _show_offer(request, row, decline_form=form, status=422)
