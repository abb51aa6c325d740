"""What outreach has for a person on /my/: the school's side and the ambassador's side."""

from zoneinfo import ZoneInfo

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.panels import MyLine, MyPanel
from outreach.requests.models import Request
from outreach.requests.states import RequestState
from outreach.visits.models import Offer, Visit
from ui import dates
from ui.words import listed


def school_panel(user: User) -> MyPanel | None:
    """For school contacts: drafts, requests handed back, reports to write; visits to come."""
    if not user.school_ids:
        return None
    mine = Request.objects.visible_to(user).filter(school_id__in=user.school_ids).select_related("school").distinct()
    waiting: list[MyLine] = []
    visits = Visit.objects.filter(school_id__in=user.verified_school_ids).with_what_a_list_shows()
    for visit in visits.awaiting_report().order_by("starts_at")[:20]:
        waiting.append(
            MyLine(
                _("実施報告を送る：%(day)sの訪問授業") % {"day": dates.day_words(visit.day)},
                reverse("visits:report", args=[visit.public_id]),
                _("2分ほどで終わります。"),
                visit.state_words,
                "care",
                visit.starts_at,
            )
        )
    for row in mine.filter(state=RequestState.RETURNED)[:20]:
        waiting.append(
            MyLine(
                _("申込みを直す：%(number)s") % {"number": row.number},
                row.get_absolute_url(),
                _("事務局からお願いが届いています。"),
                row.get_state_display(),
                "care",
            )
        )
    for row in mine.filter(state=RequestState.DRAFT)[:20]:
        waiting.append(
            MyLine(
                _("下書きの続きを書く"),
                row.get_absolute_url(),
                _("%(school)s　%(day)sに保存") % {"school": row.school.name, "day": dates.moment_words(row.updated_at)},
                row.get_state_display(),
                "",
            )
        )
    coming = [
        MyLine(
            _("%(school)sの訪問授業") % {"school": visit.school.name},
            visit.get_absolute_url(),
            _("担当：%(names)s") % {"names": listed(visit.present_ambassadors)},
            visit.state_words,
            "done",
            visit.starts_at,
        )
        for visit in visits.planned().order_by("starts_at")[:20]
    ]
    coming += [
        MyLine(
            _("申込み %(number)s") % {"number": row.number},
            row.get_absolute_url(),
            _("%(day)sまでにお返事します。") % {"day": dates.day_words(row.answer_by)} if row.answer_by else "",
            row.get_state_display(),
            "going",
        )
        for row in mine.filter(
            state__in=(RequestState.SUBMITTED, RequestState.OPEN, RequestState.WAITLISTED, RequestState.WITH_BOARD)
        )[:20]
    ]
    return MyPanel(
        _("学校"), waiting, coming, _("まだ申込みはありません。"), _("派遣を申し込む"), reverse("requests:new")
    )


def both_clocks(moment, ambassador) -> str:
    """In Japan, and for somebody abroad also at home."""
    if ambassador.time_zone == "Asia/Tokyo":
        return dates.moment_words(moment)
    at_home = dates.moment_words(moment, zone=ZoneInfo(ambassador.time_zone))
    return _("日本時間%(tokyo)s（現地%(home)s）") % {"tokyo": dates.moment_words(moment), "home": at_home}


def ambassador_panel(user: User) -> MyPanel | None:
    """For ambassadors: offers to answer, visits to come."""
    ambassador = getattr(user, "ambassador", None)
    if ambassador is None:
        return None
    offers = (
        Offer.objects.waiting().filter(ambassador=ambassador).select_related("request__school").order_by("expires_at")
    )
    waiting = [
        MyLine(
            _("打診に返事をする：%(school)s") % {"school": offer.request.host_name},
            offer.get_absolute_url(),
            _("%(until)sまで") % {"until": both_clocks(offer.expires_at, ambassador)},
            offer.state_words,
            "care",
        )
        for offer in offers[:20]
    ]
    visits = Visit.objects.filter(
        Q(participations__ambassador=ambassador, participations__left_at__isnull=True)
    ).with_what_a_list_shows()
    coming = [
        MyLine(
            visit.school.name,
            visit.get_absolute_url(),
            both_clocks(visit.starts_at, ambassador)
            if ambassador.time_zone != "Asia/Tokyo"
            else visit.slot.period_words,
            visit.state_words,
            "done",
            visit.starts_at,
        )
        for visit in visits.planned(timezone.now()).order_by("starts_at")[:20]
    ]
    return MyPanel(_("推進大使"), waiting, coming, _("いま、返事を待っている打診はありません。"))
