"""The wished days of a request and its end, where they can touch an offer or a visit."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.once import once
from outreach.availability.models import Hold
from outreach.lives import NotAllowed, Party, TooLate
from outreach.requests.forms import DueDateForm, MoreDatesForm, ReopenForm
from outreach.requests.models import Kind, Request
from outreach.requests.rules import parties_of
from outreach.requests.states import LIFE_OF_A_REQUEST
from outreach.requests.views import reason_page, refusal_of, refused_page
from outreach.visits import actions
from outreach.visits.states import OfferState, VisitState


def _request(request: HttpRequest, public_id: uuid.UUID) -> Request:
    rows = Request.objects.visible_to(request.user).select_related("school__board", "board", "organisation", "contact")
    return get_object_or_404(rows.prefetch_related("slots").distinct(), public_id=public_id)


def _request_of_host(request: HttpRequest, public_id: uuid.UUID) -> tuple[Request, set[Party]]:
    """A request on which this person acts for its host or for the desk; a board only looks on."""
    row = _request(request, public_id)
    parties = parties_of(request.user, row) & {Party.SCHOOL, Party.COORDINATOR}
    if not parties:
        raise Http404
    return row, parties


def _led_back(request: HttpRequest, row: Request, refusal: NotAllowed) -> HttpResponse:
    """A page that does not fit the state of the request: told on the page of the request, or at once after a press."""
    if request.method == "POST":
        return refused_page(request, refusal, back=row.get_absolute_url())
    messages.info(request, str(refusal))
    return redirect(row)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@once
def dates(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The wished days: drop one, add others; the place in the order stays."""
    row, parties = _request_of_host(request, public_id)
    refusal = refusal_of(LIFE_OF_A_REQUEST, row, "add_dates", parties)
    if row.kind == Kind.CONTENT:
        refusal = refusal or NotAllowed(
            _("教材・動画には希望日時がありません。納期を変えたいときは、事務局に連絡してください。")
        )
    if refusal:
        return _led_back(request, row, refusal)
    form = MoreDatesForm(request.POST or None, request=row)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_dates(row, form.wishes, by=request.user, answer_by=form.cleaned_data["answer_by"])
        except TooLate as too_late:
            return refused_page(request, too_late, back=row.get_absolute_url(), again=request.path)
        except NotAllowed as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("希望日時を加えました。受付の順番は変わりません。"))
            return redirect(row)
    asked = set(Hold.objects.alive().filter(request=row, offer__isnull=False).values_list("slot_id", flat=True))
    ahead = [slot for slot in row.open_slots() if not slot.is_past]
    return render(
        request,
        "outreach/requests/dates.html",
        {
            "asked": row,
            "form": form,
            "slots": list(form.slot_fields()),
            "has_offers": bool(asked),
            "days": [
                {"slot": slot, "is_asked": slot.pk in asked, "may_drop": slot in ahead and len(ahead) > 1}
                for slot in row.open_slots()
            ],
        },
        status=422 if request.method == "POST" else 200,
    )


@login_required
@require_POST
def drop_date(request: HttpRequest, public_id: uuid.UUID, slot: uuid.UUID) -> HttpResponse:
    """One wished day is no longer possible."""
    row, _parties = _request_of_host(request, public_id)
    found = get_object_or_404(row.slots, public_id=slot)
    try:
        actions.drop_date(row, found, by=request.user)
    except TooLate as refusal:
        return refused_page(request, refusal, back=row.get_absolute_url())
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("%(slot)sを取り下げました。受付の順番は変わりません。") % {"slot": found})
    return redirect("visits:dates", row.public_id)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@once
def reopen(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """A request that had ended is asked again, with days to come and a new place in the order."""
    row, parties = _request_of_host(request, public_id)
    if refusal := refusal_of(LIFE_OF_A_REQUEST, row, "reopen", parties):
        return _led_back(request, row, refusal)
    is_content = row.kind == Kind.CONTENT
    form = DueDateForm(request.POST or None) if is_content else ReopenForm(request.POST or None, request=row)
    if request.method == "POST" and form.is_valid():
        wanted = (
            form.cleaned_data if is_content else {"answer_by": form.cleaned_data["answer_by"], "wishes": form.wishes}
        )
        try:
            actions.reopen(row, by=request.user, **wanted)
        except TooLate as too_late:
            return refused_page(request, too_late, back=row.get_absolute_url())
        except NotAllowed as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("もう一度申し込みました。控えをメールで送りました。"))
            return redirect(row)
    return render(
        request,
        "outreach/requests/reopen.html",
        {"asked": row, "form": form, "slots": [] if is_content else list(form.slot_fields())},
        status=422 if request.method == "POST" else 200,
    )


def _what_withdrawing_does(row: Request) -> str:
    """Only what is true of this request: a visit falls, an offer ends, or the desk alone learns of it."""
    if row.visits.filter(state=VisitState.CONFIRMED).exists():
        return _("決まっている訪問も中止になります。担当する推進大使と事務局にメールで伝わります。")
    if row.offers.filter(state=OfferState.SENT).exists():
        return _("推進大使への打診も取り消されます。打診している推進大使と事務局にメールで伝わります。")
    return _("事務局に伝わり、推進大使を探すことを終わりにします。あとで、もう一度申し込むこともできます。")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The school no longer asks for this visit."""
    row, parties = _request_of_host(request, public_id)
    if refusal := refusal_of(LIFE_OF_A_REQUEST, row, "withdraw", parties):
        return _led_back(request, row, refusal)
    return reason_page(
        request,
        title=_("申込みを取り下げる"),
        button=_("取り下げる"),
        back=row.get_absolute_url(),
        lead=_what_withdrawing_does(row),
        act=lambda reason: actions.withdraw(row, by=request.user, reason=reason),
        about=row,
        done=_("申込みを取り下げました。"),
    )
