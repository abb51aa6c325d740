"""Belonging to a school or a board, what a school says about itself, and who founds it."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from accounts.memberships import actions as memberships
from accounts.memberships.actions import forget_read_memberships, vouch
from accounts.models import Membership, User
from outreach.lives import NotAllowed
from outreach.schools.bells import MOST_PERIODS, bell_stages, bell_times_of
from outreach.schools.models import BellTime, Board, BoardSource, School, schools_now
from outreach.schools.rules import may_arrange


def join(school: School, *, by: User, position: str = "", phone: str = "") -> Membership:
    """The person says they belong to the school; the desk is asked to make sure. Said twice, it is said once."""
    if school.is_closed:
        now = schools_now([school]).get(school.pk)
        if now is None:
            raise NotAllowed(
                _("%(school)sは廃止されています。いまの学校名で探してください。") % {"school": school.name}
            )
        raise NotAllowed(
            _("%(school)sは閉校しました。いまは%(now)sです。%(now)sを選んでください。")
            % {"school": school.name, "now": now.name}
        )
    return memberships.join(school, by=by, position=position, phone=phone)


def join_board(board: Board, *, by: User, position: str = "", phone: str = "") -> Membership:
    """The person says they work for the board; until somebody vouches, nothing of the board is open to them."""
    return memberships.join(board, by=by, position=position, phone=phone)


# ── what a school says about itself ───────────────────────────────────────────
@transaction.atomic
def set_facts(school: School, *, by: User, **facts: Any) -> School:
    """What is known of a school beside the ministry's list is changed; the desk may change more than its people."""
    if not may_arrange(by, school):
        raise NotAllowed(_("学校の設定を変えられるのは、所属の確認が済んだ担当者と事務局です。"))
    if not by.is_coordinator and set(facts) - {"main_mail", "may_be_named"}:
        raise NotAllowed(_("離島・へき地の印と代表番号を変えられるのは事務局です。"))
    row = School.objects.select_for_update(of=("self",)).get(pk=school.pk)
    before = {name: getattr(row, name) for name in facts}
    changed = [name for name in facts if before[name] != facts[name]]
    if changed:
        for name in changed:
            setattr(row, name, facts[name])
        row.save(update_fields=[*changed, "search_text", "name_key"])
        told = {"before": {name: before[name] for name in changed}, "after": {name: facts[name] for name in changed}}
        log(row, "kakehashi.set_school_facts", user=by, data=told)
    return row


@transaction.atomic
def set_bell_times(
    school: School, stage: str, periods: Sequence[tuple[int, dt.time, dt.time]], *, by: User
) -> list[BellTime]:
    """The school has bell times of its own for this stage; no periods: the default of the stage again.

    Dates that were asked for already keep the times they were asked with.
    """
    if not may_arrange(by, school):
        raise NotAllowed(_("時程を変えられるのは、所属の確認が済んだ学校の担当者と事務局です。"))
    if stage not in bell_stages(school) or len(periods) > MOST_PERIODS:
        raise NotAllowed(_("この学校では、この時程は使えません。画面を開き直してください。"))
    School.objects.select_for_update(of=("self",)).get(pk=school.pk)
    before = [(bell.period, bell.starts_at, bell.ends_at) for bell in school.bell_times.filter(stage=stage)]
    if sorted(before) != sorted(periods):
        school.bell_times.filter(stage=stage).delete()
        BellTime.objects.bulk_create(
            BellTime(school=school, stage=stage, period=period, starts_at=starts_at, ends_at=ends_at)
            for period, starts_at, ends_at in periods
        )
        told = [[period, f"{starts_at:%H:%M}", f"{ends_at:%H:%M}"] for period, starts_at, ends_at in periods]
        log(school, "kakehashi.set_bell_times", user=by, data={"stage": stage, "after": told})
    return bell_times_of(school, stage)


# ── who founds it ─────────────────────────────────────────────────────────────
@transaction.atomic
def correct_founder(
    school: School, *, by: User, reason: str, board: Board | None = None, new: tuple[str, str] | None = None
) -> School:
    """The desk says who founds the school: a body that is known, or a `new` one (kind, name). No import changes it again."""
    if not by.is_coordinator:
        raise NotAllowed(_("設置者を改められるのは事務局です。"))
    if not reason.strip():
        raise NotAllowed(_("改める理由を書いてください。例：学校に電話で確認、11月20日"))
    if (board is None) == (new is None):
        raise NotAllowed(_("一覧から選ぶか、新しい設置者の名称を書くか、どちらか一つにしてください。"))
    row = School.objects.select_for_update(of=("self",)).select_related("board").get(pk=school.pk)
    if new is not None:
        kind, name = new
        board, _is_new = Board.objects.get_or_create(
            prefecture_code=row.prefecture_code, name_ja=name, defaults={"kind": kind}
        )
    told = {"before": row.board.name_ja if row.board else "", "after": board.name_ja, "reason": reason.strip()}
    row.board, row.board_source = board, BoardSource.DESK
    row.save(update_fields=["board", "board_source"])
    log(row, "kakehashi.correct_founder", user=by, data=told)
    return row


__all__ = ["correct_founder", "forget_read_memberships", "join", "join_board", "set_bell_times", "set_facts", "vouch"]
