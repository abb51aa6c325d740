"""What took place: the verbs of a report."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from outreach.lives import NotAllowed, Party
from outreach.requests.actions import step
from outreach.requests.models import Kind, Step, current_rules
from outreach.visits import ledger, letters
from outreach.visits.locking import begin_visit, open_visit, post_all, visit_step
from outreach.visits.models import Group, Report, Standing, Visit
from outreach.visits.rules import parties_of_visit
from outreach.visits.states import VisitState
from ui import dates

REMINDER_DAYS = (1, 7, 14)


@dataclass(frozen=True)
class GroupCount:
    """Pupils of one grade who were there; `already_met` of them an ambassador met before in this fiscal year.

    `school_id` names the school of a joint lesson; empty for the school that asked.
    """

    stage: str
    grade: int
    present: int
    already_met: int = 0
    label: str = ""
    school_id: int | None = None


@transaction.atomic
def report(
    visit: Visit,
    *,
    by: User,
    groups: list[GroupCount] = (),
    format: str = "",
    on_behalf_source: str = "",
    **told: Any,
) -> Report:
    """The host says what took place; its figures count as reported until the desk verifies them.

    The desk may report on behalf and then names its source. `told` are further fields of the report.
    """
    visit = open_visit(visit)
    taken = visit_step(visit, "report", by=by)
    # Content has no day that comes: with its result nobody is looked for any more.
    begin_visit(visit)
    if taken.party == Party.COORDINATOR and not on_behalf_source.strip():
        raise NotAllowed(_("代わりに入力する根拠（だれから、どのように聞いたか）を書いてください。"))
    made = _write(visit, taken, groups, format=format, on_behalf_source=on_behalf_source, **told)
    ledger.write(visit, taken, Standing.REPORTED, made)
    post_all(letters.reported(visit, on_behalf=taken.party == Party.COORDINATOR))
    return made


def _write(visit: Visit, taken: Step, groups: list[GroupCount], *, format: str, **told: Any) -> Report:
    """A new version of the report with its groups; what it must say depends on the kind of the request."""
    kind = visit.request.kind
    if kind == Kind.SCHOOL_VISIT and not any(group.present for group in groups):
        raise NotAllowed(_("出席した人数を1つは書いてください。"))
    if kind == Kind.CONTENT and not told.get("link"):
        raise NotAllowed(_("成果の置き場所（リンク）を書いてください。"))
    latest = visit.latest_report()
    made = Report.objects.create(
        visit=visit,
        version=latest.version + 1 if latest else 1,
        format=format or visit.format,
        reported_by=taken.by,
        made_at=taken.at,
        **{
            "ambassador_comment": latest.ambassador_comment if latest else "",
            "ambassadors_present": len(visit.present_ambassadors) or 1,
            **told,
        },
    )
    Group.objects.bulk_create(
        [
            Group(
                report=made,
                school_id=group.school_id or visit.school_id,
                stage=group.stage,
                grade=group.grade,
                course=visit.request.course,
                label=group.label,
                present=group.present,
                already_met=group.already_met,
            )
            for group in groups
            if group.present
        ]
    )
    return made


@transaction.atomic
def hand_back(visit: Visit, *, by: User, reason: str) -> Visit:
    """The host is asked to look at its report again; the visit counts as awaiting report."""
    visit = open_visit(visit)
    taken = visit_step(visit, "hand_back", by=by, reason=reason)
    ledger.write(visit, taken, Standing.RETURNED)
    post_all(letters.report_handed_back(visit, reason))
    return visit


def may_verify(user: User, visit: Visit) -> bool:
    """Whether the year's rules let this coordinator verify: they may reserve it to officials of the ministry."""
    rules = current_rules(visit.fiscal_year)
    return bool(not (rules and rules.only_ministry_verifies) or user.is_ministry or user.is_superuser)


@transaction.atomic
def verify(visit: Visit, *, by: User) -> Visit:
    """The report counts toward the targets; the request is completed."""
    visit = open_visit(visit)
    taken = visit_step(visit, "verify", by=by)
    if not may_verify(by, visit):
        raise NotAllowed(_("報告を確定できるのは、文部科学省の担当者です。"))
    latest = visit.latest_report()
    latest.verified_at = taken.at
    latest.save(update_fields=["verified_at"])
    ledger.write(visit, taken, Standing.VERIFIED, latest)
    step(visit.request, "complete", by=by, parties={Party.COORDINATOR}, visit=visit)
    post_all(letters.verified(visit))
    return visit


@transaction.atomic
def correct(
    visit: Visit, *, by: User, reason: str, groups: list[GroupCount] = (), format: str = "", **told: Any
) -> Report:
    """A new version of a verified report counts from now on; the older one stays readable."""
    visit = open_visit(visit)
    taken = visit_step(visit, "correct", by=by, reason=reason)
    if not may_verify(by, visit):
        raise NotAllowed(_("報告を確定できるのは、文部科学省の担当者です。"))
    made = _write(visit, taken, groups, format=format, verified_at=taken.at, on_behalf_source=reason, **told)
    ledger.write(visit, taken, Standing.VERIFIED, made)
    post_all(letters.corrected(visit, reason))
    return made


@transaction.atomic
def add_comment(visit: Visit, *, by: User, comment: str) -> Report:
    """The ambassador's words stand beside the school's report."""
    visit = open_visit(visit)
    if Party.AMBASSADOR not in parties_of_visit(by, visit):
        raise NotAllowed(_("ひとことを書けるのは担当大使です。"))
    latest = visit.latest_report()
    if latest is None or visit.state in (VisitState.VERIFIED, VisitState.CORRECTED):
        raise NotAllowed(_("ひとことを書けるのは、学校の報告が届いてから確定するまでです。"))
    latest.ambassador_comment = comment
    latest.save(update_fields=["ambassador_comment"])
    return latest


def remind_of_reports() -> str:
    """Schools that have not reported 1, 7 and 14 days after the lesson are reminded, each time once."""
    now, count = timezone.now(), 0
    waiting = (
        Visit.objects.awaiting_report(now)
        .filter(reminders_sent__lt=len(REMINDER_DAYS))
        .exclude(state=VisitState.RETURNED)
        .select_related("request__contact", "school", "slot")
    )
    for visit in waiting:
        overdue = [
            number
            for number, days in enumerate(REMINDER_DAYS, start=1)
            if (dates.today() - visit.day).days >= days and number > visit.reminders_sent
        ]
        if overdue:
            with transaction.atomic():
                post_all(letters.report_wanted(visit, REMINDER_DAYS[overdue[-1] - 1]))
                Visit.objects.filter(pk=visit.pk).update(reminders_sent=overdue[-1])
            count += 1
    return f"{count} schools reminded of their report"
