"""Another contact person for requests: handing over one's own, or naming somebody where the contact has left."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import Membership
from accounts.panels import MyLine
from outreach.lives import NotAllowed
from outreach.requests import actions
from outreach.requests.forms import SuccessorForm
from outreach.requests.letters import colleagues_of_host
from outreach.requests.models import Request
from outreach.requests.rules import may_name_contact
from outreach.requests.states import IN_SOMEBODYS_NAME


def open_matters(membership: Membership) -> list[MyLine]:
    """For whoever leaves a place: the requests that are still in their name there."""
    return [
        MyLine(str(row), row.get_absolute_url(), "", row.get_state_display())
        for row in Request.objects.in_name_of(membership)
    ]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """All of one's own requests at one place go to a colleague."""
    rows = Membership.objects.current().filter(person=request.user).select_related("school", "board", "organisation")
    membership = get_object_or_404(rows, public_id=public_id)
    if membership.place is None or membership.verified_at is None:
        raise Http404
    mine = list(Request.objects.in_name_of(membership))
    if not mine:
        messages.info(request, _("あなたが担当の申込みは、いまはありません。"))
        return redirect("my")
    return _name_contact(request, mine, others_than={request.user.pk}, then=reverse("my"), is_own=True)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One request gets another contact person."""
    visible = Request.objects.visible_to(request.user)
    rows = visible.select_related("school__board", "board", "organisation", "contact", "entered_by")
    row = get_object_or_404(rows.distinct(), public_id=public_id)
    if not may_name_contact(request.user, row):
        raise Http404
    if row.state not in IN_SOMEBODYS_NAME:
        messages.info(request, _("この申込みは終わっているので、担当者は代えられません。"))
        return redirect(row)
    return _name_contact(request, [row], others_than={row.contact_id}, then=row.get_absolute_url(), is_own=False)


def _name_contact(
    request: HttpRequest, rows: list[Request], *, others_than: set[int], then: str, is_own: bool
) -> HttpResponse:
    people = [person for person in colleagues_of_host(rows[0]) if person.pk not in others_than]
    form = SuccessorForm(request.POST or None, people=people)
    if request.method == "POST" and form.is_valid():
        successor = form.chosen()
        try:
            actions.hand_over(rows, to=successor, by=request.user)
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request,
                _("%(name)sさんが担当者になりました。メールで伝えました。") % {"name": successor.get_full_name()},
            )
            return redirect(then)
    return render(
        request,
        "outreach/requests/hand_over.html",
        {"rows": rows, "form": form, "has_people": bool(people), "back": then, "is_own": is_own},
    )
