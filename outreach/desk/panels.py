"""What the desk has for a coordinator on /my/."""

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.panels import MyLine, MyPanel
from outreach.ambassadors.models import ProfileProposal
from outreach.availability.models import CalendarSource
from outreach.desk import queue as lists
from outreach.inquiries.models import Danger, Inquiry


def concerns_panel(user: User) -> MyPanel | None:
    """Concerns that nobody looks after yet: above everything else, and how many of them are urgent."""
    if not user.is_coordinator:
        return None
    counts = (
        Inquiry.objects.new().concerns().aggregate(all=Count("pk"), urgent=Count("pk", filter=~Q(danger=Danger.NO)))
    )
    if not counts["all"]:
        return None
    note = _("いま危険があるかもしれないもの %(count)s件") % {"count": counts["urgent"]} if counts["urgent"] else ""
    line = MyLine(
        _("まだ担当のいない心配のお知らせ"),
        f"{reverse('desk:inquiries')}?kind=concern&state=new",
        note,
        _("%(count)s件") % {"count": counts["all"]},
        "bad",
    )
    return MyPanel(_("心配のお知らせ"), [line])


def desk_panel(user: User) -> MyPanel | None:
    if not user.is_coordinator:
        return None
    counts = lists.counts()
    lines = (
        (counts.act, _("対応が要る申込み"), reverse("desk:queue")),
        (counts.messages, _("未読のメッセージ"), f"{reverse('desk:queue')}?list=messages"),
        (counts.vouch, _("所属の確認"), reverse("desk:memberships")),
        (counts.reports, _("報告の確認"), reverse("desk:reports")),
        (
            Inquiry.objects.new().questions().count(),
            _("まだ担当のいない問い合わせ"),
            f"{reverse('desk:inquiries')}?kind=question&state=new",
        ),
        (ProfileProposal.objects.waiting().count(), _("紹介の変更の確認"), reverse("desk:profiles")),
        (CalendarSource.objects.waiting().count(), _("外部カレンダーの確認"), reverse("desk:calendars")),
    )
    return MyPanel(
        _("事務局"),
        [MyLine(label, url, "", _("%(count)s件") % {"count": count}, "care") for count, label, url in lines if count],
        [],
        _("いま、対応が要るものはありません。"),
    )
