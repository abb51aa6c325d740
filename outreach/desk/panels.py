"""What the desk has for a coordinator on /my/."""

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.panels import MyLine, MyPanel
from outreach.ambassadors.models import ProfileProposal
from outreach.desk import queue as lists


def desk_panel(user: User) -> MyPanel | None:
    if not user.is_coordinator:
        return None
    counts = lists.counts()
    lines = (
        (counts.act, _("対応が要る申込み"), reverse("desk:queue")),
        (counts.messages, _("未読のメッセージ"), f"{reverse('desk:queue')}?list=messages"),
        (counts.vouch, _("所属の確認"), reverse("desk:memberships")),
        (counts.reports, _("報告の確認"), reverse("desk:reports")),
        (ProfileProposal.objects.waiting().count(), _("紹介の変更の確認"), reverse("desk:profiles")),
    )
    return MyPanel(
        _("事務局"),
        [MyLine(label, url, "", _("%(count)s件") % {"count": count}, "care") for count, label, url in lines if count],
        [],
        _("いま、対応が要るものはありません。"),
    )
