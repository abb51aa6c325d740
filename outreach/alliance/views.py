"""Choosing one's organisation."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from outreach.alliance import actions
from outreach.alliance.forms import MOST_SHOWN, JoinOrganisationForm, OrganisationSearchForm
from outreach.alliance.models import Organisation
from outreach.lives import NotAllowed
from outreach.schools.views import joined_words


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """Look for one organisation among those that take part, say as whom one belongs to it."""
    chosen, join_form = None, None
    if request.method == "POST":
        join_form = JoinOrganisationForm(request.POST)
        if join_form.is_valid():
            told = join_form.cleaned_data
            try:
                membership = actions.join_organisation(
                    told["organisation"], by=request.user, position=told["position"], phone=told["phone"]
                )
            except NotAllowed as refusal:
                join_form.add_error(None, str(refusal))
            else:
                messages.success(request, joined_words(membership))
                return redirect("my")
        chosen = _open(request.POST.get("organisation"))
    elif wanted := _open(request.GET.get("organisation")):
        chosen, join_form = wanted, JoinOrganisationForm(initial={"organisation": wanted.public_id})
    search = OrganisationSearchForm(request.GET if "name" in request.GET else None)
    found = [] if chosen else search.found()
    return render(
        request,
        "outreach/alliance/choose.html",
        {
            "search": search,
            "found": found[:MOST_SHOWN],
            "more": len(found) > MOST_SHOWN,
            "chosen": chosen,
            "join_form": join_form,
        },
    )


def _open(public_id: str | None) -> Organisation | None:
    try:
        wanted = uuid.UUID(public_id or "")
    except ValueError:
        return None
    return Organisation.objects.taking_part().filter(public_id=wanted).first()
