"""Choosing one's school or board, and saying what holds at a school."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import Membership
from outreach.lives import NotAllowed
from outreach.schools import actions
from outreach.schools.bells import bell_stages, bell_times_of, default_bell_times
from outreach.schools.forms import (
    MOST_SHOWN,
    BellTimesForm,
    BoardSearchForm,
    JoinBoardForm,
    JoinSchoolForm,
    SchoolSearchForm,
    SchoolSettingsForm,
)
from outreach.schools.models import Board, School
from outreach.schools.places import Stage


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """Search by prefecture and name, choose one school, say as whom one belongs to it."""
    search = SchoolSearchForm(request.GET if request.GET.keys() & {"prefecture", "name"} else None)
    chosen, join_form = None, None
    if request.method == "POST":
        join_form = JoinSchoolForm(request.POST)
        if join_form.is_valid():
            try:
                membership = actions.join(
                    join_form.cleaned_data["school"],
                    by=request.user,
                    position=join_form.cleaned_data["position"],
                    phone=join_form.cleaned_data["phone"],
                )
            except NotAllowed as refusal:
                join_form.add_error(None, str(refusal))
            else:
                if membership.verified_at is None:
                    messages.success(
                        request,
                        _("%(school)sの担当者として届け出ました。確認の電話を待たずに、申込みを始められます。")
                        % {"school": membership.school.name},
                    )
                else:
                    messages.success(request, joined_words(membership))
                return redirect("requests:new")
        chosen = School.objects.open().filter(public_id=_uuid(request.POST.get("school"))).first()
    elif wanted := _uuid(request.GET.get("school")):
        chosen = School.objects.open().filter(public_id=wanted).first()
        join_form = JoinSchoolForm(initial={"school": wanted}) if chosen else None
    found = search.found() if search.is_bound and search.was_asked() else None
    return render(
        request,
        "outreach/schools/choose.html",
        {
            "search": search,
            "found": found[:MOST_SHOWN] if found is not None else None,
            "more": found is not None and len(found) > MOST_SHOWN,
            "closed": search.found_closed() if found is not None else [],
            "chosen": chosen,
            "join_form": join_form,
            "memberships": [m for m in request.user.current_memberships if m.school_id],
        },
    )


def _arranged(request: HttpRequest, public_id: uuid.UUID) -> School:
    return get_object_or_404(School.objects.arranged_by(request.user), public_id=public_id)


def joined_words(membership: Membership) -> str:
    """What somebody is told who has said where they belong."""
    if membership.verified_at is None:
        return _("%(place)sの担当者として届け出ました。事務局が所属を確かめて、メールでお知らせします。") % {
            "place": membership.place_name
        }
    return _("%(place)sの担当者として、所属を確認しました。") % {"place": membership.place_name}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The school's own mail address, its consent to be named, and the way to its bell times."""
    school = _arranged(request, public_id)
    form = SchoolSettingsForm(
        request.POST if request.method == "POST" else None, initial=SchoolSettingsForm.initial_of(school)
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_facts(school, by=request.user, **form.told())
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("学校の設定を保存しました。"))
            return redirect("school_settings", school.public_id)
    own = set(school.bell_times.values_list("stage", flat=True))
    stages = [
        {"stage": stage, "label": Stage(stage).label, "is_own": stage in own, "bells": bell_times_of(school, stage)}
        for stage in bell_stages(school)
    ]
    return render(
        request,
        "outreach/schools/settings.html",
        {"school": school, "form": form, "stages": stages},
        status=422 if request.method == "POST" else 200,
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def bells(request: HttpRequest, public_id: uuid.UUID, stage: str) -> HttpResponse:
    """When the periods of one stage begin and end."""
    school = _arranged(request, public_id)
    if stage not in bell_stages(school):
        raise Http404
    form = BellTimesForm(request.POST or None, bells=bell_times_of(school, stage))
    goes_back = request.method == "POST" and "back_to_default" in request.POST
    if request.method == "POST" and (goes_back or form.is_valid()):
        try:
            actions.set_bell_times(school, stage, [] if goes_back else form.periods, by=request.user)
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("標準の時程に戻しました。") if goes_back else _("時程を保存しました。"))
            return redirect("school_settings", school.public_id)
    return render(
        request,
        "outreach/schools/bells.html",
        {
            "school": school,
            "form": form,
            "stage_words": Stage(stage).label,
            "is_own": school.bell_times.filter(stage=stage).exists(),
            "default": default_bell_times(stage),
        },
        status=422 if request.method == "POST" else 200,
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def choose_board(request: HttpRequest) -> HttpResponse:
    """Search by prefecture and name, choose one board, say as whom one works for it."""
    search = BoardSearchForm(request.GET if request.GET.keys() & {"prefecture", "name"} else None)
    chosen, join_form = None, None
    if request.method == "POST":
        join_form = JoinBoardForm(request.POST)
        if join_form.is_valid():
            told = join_form.cleaned_data
            membership = actions.join_board(
                told["board"], by=request.user, position=told["position"], phone=told["phone"]
            )
            messages.success(request, joined_words(membership))
            return redirect("my")
        chosen = Board.objects.filter(public_id=_uuid(request.POST.get("board"))).first()
    elif wanted := _uuid(request.GET.get("board")):
        chosen = Board.objects.filter(public_id=wanted).first()
        join_form = JoinBoardForm(initial={"board": wanted}) if chosen else None
    found = search.found() if search.is_bound and search.was_asked() else None
    return render(
        request,
        "outreach/schools/choose_board.html",
        {
            "search": search,
            "found": found[:MOST_SHOWN] if found is not None else None,
            "more": found is not None and len(found) > MOST_SHOWN,
            "chosen": chosen,
            "join_form": join_form,
        },
    )


def _uuid(text: str | None):
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return None
