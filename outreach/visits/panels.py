"""What outreach has for a person on /my/: the school's side, the board's and the ambassador's."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.panels import MyLine, MyPanel
from outreach.ambassadors import conduct
from outreach.ambassadors.models import Ambassador, Assistant
from outreach.requests.models import Kind, Request
from outreach.requests.states import IN_SOMEBODYS_NAME, RequestState
from outreach.visits.models import Offer, Participation, Reschedule, Visit
from outreach.visits.states import VisitState
from ui import dates
from ui.words import listed

MOST = 20
# How long a request that has ended without a visit is still spoken of here.
OFFER_TO_REOPEN = dt.timedelta(days=60)


def proposal_line(reschedule: Reschedule, until: str) -> MyLine:
    """Somebody asks for another day and waits for this person's word."""
    visit = reschedule.visit
    is_lesson = visit.request.kind == Kind.SCHOOL_VISIT
    title = _("日時の変更に返事をする：%(day)sの訪問授業") if is_lesson else _("日時の変更に返事をする：%(title)s")
    return MyLine(
        title % {"day": dates.day_words(visit.day), "title": visit.request.title},
        reschedule.visit.get_absolute_url(),
        _("変更後は%(slot)s。%(until)sまで") % {"slot": reschedule.slot.words, "until": until},
        reschedule.state_words,
        "care",
    )


def open_proposals(*which: Q, **of_visits: Any):
    return (
        Reschedule.objects.waiting()
        .filter(*which, visit__state=VisitState.CONFIRMED, **of_visits)
        .select_related("visit__request", "slot")
        .order_by("expires_at")
    )


def school_panel(user: User) -> MyPanel | None:
    """For school contacts: answers, drafts, requests handed back or ended, reports to write; visits to come."""
    if not user.school_ids:
        return None
    return _panel_of_hosts(
        user, _("学校"), Q(school_id__in=user.school_ids), Q(request__school_id__in=user.verified_school_ids)
    )


def host_panel(user: User) -> MyPanel | None:
    """The same for what boards and organisations have asked for themselves."""
    boards, organisations = user.verified_board_ids, user.verified_organisation_ids
    if not boards and not organisations:
        return None
    return _panel_of_hosts(
        user,
        _("機関の申込み"),
        Q(board_id__in=boards) | Q(organisation_id__in=organisations),
        Q(request__board_id__in=boards) | Q(request__organisation_id__in=organisations),
    )


def _panel_of_hosts(user: User, heading: str, of_hosts: Q, visits_of_hosts: Q) -> MyPanel:
    mine = Request.objects.visible_to(user).filter(of_hosts).select_related("school", "board", "organisation")
    mine = mine.distinct()
    visits = Visit.objects.filter(visits_of_hosts).with_what_a_list_shows()
    visits = visits.select_related("school", "slot", "request__school", "request__board", "request__organisation")
    waiting: list[MyLine] = [
        proposal_line(reschedule, dates.moment_words(reschedule.expires_at))
        for reschedule in open_proposals(visit__in=visits.order_by().values("pk"), school_agreed_at=None)[:MOST]
    ]
    waiting += [_report_line(visit) for visit in visits.awaiting_report().order_by("starts_at")[:MOST]]
    for row in mine.filter(state=RequestState.RETURNED)[:MOST]:
        waiting.append(
            MyLine(
                _("申込みを直す：%(number)s") % {"number": row.number},
                row.get_absolute_url(),
                _("お願いが届いています。"),
                row.get_state_display(),
                "care",
            )
        )
    ended = mine.filter(
        state__in=(RequestState.UNMATCHED, RequestState.EXPIRED),
        state_since__gt=timezone.now() - OFFER_TO_REOPEN,
    )
    for row in ended.order_by("-state_since", "-pk")[:MOST]:
        waiting.append(
            MyLine(
                _("もう一度申し込む：%(number)s") % {"number": row.number},
                reverse("visits:reopen", args=[row.public_id]),
                _("日時を選び直すだけで申し込めます。")
                if row.kind != Kind.CONTENT
                else _("納期を選び直すだけで申し込めます。"),
                row.get_state_display(),
                "",
            )
        )
    for row in mine.filter(state=RequestState.DRAFT)[:MOST]:
        waiting.append(
            MyLine(
                _("下書きの続きを書く"),
                row.get_absolute_url(),
                _("%(school)s　%(day)sに保存") % {"school": row.host_name, "day": dates.moment_words(row.updated_at)},
                row.get_state_display(),
                "",
            )
        )
    coming = [
        MyLine(
            _name_of(visit),
            visit.get_absolute_url(),
            (_("担当：%(names)s") if visit.slot_id else _("納期 %(day)s　担当：%(names)s"))
            % {"names": listed(visit.present_ambassadors), "day": dates.day_words(visit.day)},
            visit.state_words,
            "done",
            moment_of(visit),
        )
        for visit in visits.planned().order_by("starts_at")[:MOST]
    ]
    coming += [
        MyLine(
            _("申込み %(number)s") % {"number": row.number},
            row.get_absolute_url(),
            what_comes(row),
            row.get_state_display(),
            "going",
        )
        for row in mine.filter(
            state__in=(RequestState.SUBMITTED, RequestState.OPEN, RequestState.WAITLISTED, RequestState.WITH_BOARD)
        ).prefetch_related("visits__participations__ambassador")[:MOST]
    ]
    return MyPanel(
        heading, waiting, coming, _("まだ申込みはありません。"), _("派遣を申し込む"), reverse("requests:new")
    )


def _name_of(visit: Visit) -> str:
    """The lesson at its school, or the contest, event or content by its own name."""
    if visit.request.kind == Kind.SCHOOL_VISIT:
        return _("%(school)sの訪問授業") % {"school": visit.school.name}
    return visit.request.title


def _report_line(visit: Visit) -> MyLine:
    is_returned = visit.state == VisitState.RETURNED
    if visit.request.kind == Kind.SCHOOL_VISIT:
        title = _("実施報告を見直す：%(day)sの訪問授業") if is_returned else _("実施報告を送る：%(day)sの訪問授業")
    else:
        title = _("実施報告を見直す：%(title)s") if is_returned else _("実施報告を送る：%(title)s")
    return MyLine(
        title % {"day": dates.day_words(visit.day), "title": visit.request.title},
        reverse("visits:report", args=[visit.public_id]),
        _("事務局からお願いが届いています。") if is_returned else _("2分ほどで終わります。"),
        visit.state_words,
        "care",
        moment_of(visit),
    )


def moment_of(visit: Visit) -> dt.datetime | None:
    """When it begins; content has a due day and no hour."""
    return visit.starts_at if visit.slot_id else None


def what_comes(row: Request) -> str:
    """What the school of a request can count on now."""
    visit = next((v for v in row.visits.all() if v.state not in (VisitState.CANCELLED, VisitState.NOT_HELD)), None)
    if visit is not None:
        coming = len(visit.present_ambassadors)
        if coming >= row.ambassadors_wanted:
            return ""
        return _("%(wanted)s人のうち%(coming)s人が決まりました。残りの推進大使を探しています。") % {
            "wanted": row.ambassadors_wanted,
            "coming": coming,
        }
    if row.state == RequestState.WITH_BOARD:
        return _("教育委員会が確かめて、事務局に送ります。")
    if row.state == RequestState.WAITLISTED:
        return _("順番を待っています。受付の順番はそのままです。")
    return _("%(day)sまでにお返事します。") % {"day": dates.day_words(row.answer_by)} if row.answer_by else ""


def both_clocks(moment, ambassador) -> str:
    """In Japan, and for somebody abroad also at home."""
    if ambassador.time_zone == "Asia/Tokyo":
        return dates.moment_words(moment)
    at_home = dates.moment_words(moment, zone=ZoneInfo(ambassador.time_zone))
    return _("日本時間%(tokyo)s（現地%(home)s）") % {"tokyo": dates.moment_words(moment), "home": at_home}


def when_of(visit: Visit, ambassador: Any) -> str:
    """Beside the moment: the periods, for somebody abroad both clocks, for content that it is a due date."""
    if visit.slot is None:
        kind, day = visit.request.get_kind_display(), dates.day_words(visit.day)
        return _("%(kind)s　納期 %(day)s") % {"kind": kind, "day": day}
    if ambassador.time_zone != "Asia/Tokyo":
        return both_clocks(visit.starts_at, ambassador)
    return visit.slot.period_words


def matters_of_person(user: User) -> list[MyLine]:
    """What hangs if this person is out of reach: offers, visits to come, requests in their name."""
    ambassador = getattr(user, "ambassador", None)
    waiting, coming = _lines_of([ambassador]) if ambassador else ([], [])
    asked = Request.objects.filter(contact=user, state__in=IN_SOMEBODYS_NAME).select_related(
        "school", "board", "organisation"
    )
    return [
        *waiting,
        *coming,
        *(
            MyLine(str(row), row.get_absolute_url(), "", row.get_state_display())
            for row in asked.order_by("created_at", "pk")
        ),
    ]


def ambassador_panel(user: User) -> MyPanel | None:
    """For ambassadors: the code of conduct to accept, offers to answer, visits to come, and the way to their card."""
    ambassador = getattr(user, "ambassador", None)
    if ambassador is None:
        return None
    waiting, coming = _lines_of([ambassador])
    if not conduct.has_accepted(ambassador):
        waiting.insert(
            0,
            MyLine(
                _("今年度の行動規範に同意する"),
                reverse("ambassadors:conduct"),
                _("打診を引き受ける前に要ります。1分ほどで終わります。"),
                "",
                "care",
            ),
        )
    if ambassador.paused_at:
        since = dates.day_words(dates.in_tokyo(ambassador.paused_at).date())
        note = _("%(day)sから。新しい打診は届きません。再開するときは事務局に連絡してください。") % {"day": since}
        waiting.insert(0, MyLine(_("活動をお休み中です"), reverse("ambassadors:profile"), note, "", "care"))
    return MyPanel(
        _("推進大使"),
        waiting,
        coming,
        _("いま、返事を待っている打診はありません。"),
        _("紹介を直す"),
        reverse("ambassadors:profile"),
    )


def assistant_panel(user: User) -> MyPanel | None:
    """The same for those in whose name this person acts; each line says for whom."""
    people = list(Ambassador.objects.filter(assistants__in=Assistant.objects.of(user)).order_by("name_kana", "pk"))
    if not people:
        return None
    waiting, coming = _lines_of(people, say_for_whom=True)
    return MyPanel(
        _("%(names)sの秘書") % {"names": listed(_("%(name)sさん") % {"name": person.name} for person in people)},
        waiting,
        coming,
        _("いま、返事を待っている打診はありません。"),
    )


def _lines_of(people: list[Ambassador], *, say_for_whom: bool = False) -> tuple[list[MyLine], list[MyLine]]:
    """What waits for these ambassadors' word, and where they go."""
    by_id = {person.pk: person for person in people}

    def noted(note: str, *whose: Ambassador) -> str:
        names = listed(_("%(name)sさん") % {"name": person.name} for person in whose)
        return f"{names}　{note}" if say_for_whom else note

    def whose(visit: Visit) -> list[Ambassador]:
        return [by_id[person.pk] for person in visit.present_ambassadors if person.pk in by_id]

    present = Participation.objects.filter(ambassador__in=people, left_at=None)
    proposals = open_proposals(visit__in=present.order_by().values("visit_id"))
    waiting = []
    for reschedule in proposals.prefetch_related("agreed", "visit__participations__ambassador")[:MOST]:
        asked = [by_id[one.pk] for one in reschedule.still_asked() if one is not None and one.pk in by_id]
        if asked:
            waiting.append(proposal_line(reschedule, noted(both_clocks(reschedule.expires_at, asked[0]), *asked)))
    offers = (
        Offer.objects.waiting()
        .filter(ambassador__in=people)
        .select_related("request__school", "request__board", "request__organisation")
        .order_by("expires_at")
    )
    waiting += [
        MyLine(
            _("打診に返事をする：%(school)s") % {"school": offer.request.host_name},
            offer.get_absolute_url(),
            noted(
                _("%(until)sまで") % {"until": both_clocks(offer.expires_at, by_id[offer.ambassador_id])},
                by_id[offer.ambassador_id],
            ),
            offer.state_words,
            "care",
        )
        for offer in offers[:MOST]
    ]
    visits = Visit.objects.filter(pk__in=present.order_by().values("visit_id")).with_what_a_list_shows()
    visits = visits.select_related("school", "slot", "request__school", "request__board", "request__organisation")
    coming = [
        MyLine(
            visit.request.host_name,
            visit.get_absolute_url(),
            noted(when_of(visit, whose(visit)[0]), *whose(visit)),
            visit.state_words,
            "done",
            moment_of(visit),
        )
        for visit in visits.planned(timezone.now()).order_by("starts_at")[:MOST]
    ]
    return waiting, coming
