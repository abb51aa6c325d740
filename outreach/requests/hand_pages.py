"""Open requests as ambassadors see them: without the name of a school, with one button."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.rules import only
from outreach.ambassadors.models import Ambassador
from outreach.ambassadors.rules import speaks_for_somebody, those_spoken_for
from outreach.lives import NotAllowed
from outreach.requests import hands
from outreach.requests.models import Request

those_who_may = only(speaks_for_somebody)


def _whose(request: HttpRequest, asked: str | None) -> tuple[Ambassador, list[Ambassador]]:
    people = those_spoken_for(request.user)
    if not asked:
        return people[0], people
    person = next((one for one in people if str(one.public_id) == asked), None)
    if person is None:
        raise Http404
    return person, people


@those_who_may
@require_safe
def openings(request: HttpRequest) -> HttpResponse:
    """Open requests that fit the person, or whom they assist."""
    person, people = _whose(request, request.GET.get("of"))
    return render(
        request,
        "outreach/requests/openings.html",
        {
            "person": person,
            "is_own": person.user_id == request.user.pk,
            "others": [one for one in people if one.pk != person.pk],
            "openings": hands.fitting(person),
        },
    )


@those_who_may
@require_POST
def hand(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Up, or down again."""
    person, _people = _whose(request, request.POST.get("of"))
    row = get_object_or_404(Request.objects.filter(pk__in=hands.open_requests().values("pk")), public_id=public_id)
    try:
        if request.POST.get("lower"):
            hands.lower_hand(row, person, by=request.user)
            messages.success(request, _("手を下ろしました。"))
        else:
            hands.raise_hand(row, person, by=request.user)
            messages.success(
                request, _("手を挙げました。事務局に伝わります。打診が届いたら、日時を選んで返事をしてください。")
            )
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    answer = redirect("openings")
    if person.user_id != request.user.pk:
        answer["Location"] += f"?of={person.public_id}"
    return answer
