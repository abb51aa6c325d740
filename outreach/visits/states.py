"""The lives of an offer and of a visit."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from outreach.lives import AMBASSADOR, COORDINATOR, SCHOOL, SYSTEM, Life, move


class OfferState(models.TextChoices):
    SENT = "sent", _("返事待ち")
    ACCEPTED = "accepted", _("引き受けました")
    DECLINED = "declined", _("見送りました")
    EXPIRED = "expired", _("期限切れ")
    RETRACTED = "retracted", _("取消し")


class VisitState(models.TextChoices):
    CONFIRMED = "confirmed", _("決定")
    DELIVERED = "delivered", _("実施（報告待ち）")
    REPORTED = "reported", _("報告済み（確認中）")
    RETURNED = "returned", _("報告の見直し")
    VERIFIED = "verified", _("確定")
    CORRECTED = "corrected", _("訂正")
    CANCELLED = "cancelled", _("中止")
    NOT_HELD = "not_held", _("実施なし")


O = OfferState
V = VisitState

# Visits of these states keep their ambassadors' time.
HOLDING = (V.CONFIRMED, V.DELIVERED, V.REPORTED, V.RETURNED, V.VERIFIED, V.CORRECTED)


def offer_is_over(offer) -> str:
    """Past its moment an offer is refused by the clock, whatever its row says."""
    if offer.expires_at > timezone.now():
        return ""
    return _("この打診の期限は過ぎました。まだ引き受けられるときは、事務局に連絡してください。")


def lesson_not_over(visit) -> str:
    if visit.ends_at <= timezone.now():
        return ""
    return _("授業が終わってから行えます。")


def lesson_has_begun(visit) -> str:
    if visit.starts_at > timezone.now():
        return ""
    return _("授業の時刻を過ぎたので、中止にはできません。実施しなかったときは事務局に連絡してください。")


# fmt: off
LIFE_OF_AN_OFFER = Life("offer", OfferState, (
    move("accept",  {O.SENT}, O.ACCEPTED,  {AMBASSADOR}, guard=offer_is_over,
         label=_("引き受ける"), past=_("推進大使が引き受けました")),
    move("decline", {O.SENT}, O.DECLINED,  {AMBASSADOR}, guard=offer_is_over,
         label=_("今回は見送る"), past=_("推進大使が見送りました")),
    move("retract", {O.SENT}, O.RETRACTED, {COORDINATOR}, needs_reason=True,
         label=_("打診を取り消す"), past=_("打診を取り消しました")),
    # The request ended or somebody else accepted: nobody presses this.
    move("lapse",   {O.SENT}, O.RETRACTED, {SCHOOL, AMBASSADOR, COORDINATOR}, past=_("打診が終わりました")),
    move("expire",  {O.SENT}, O.EXPIRED,   {SYSTEM}, past=_("打診の期限が過ぎました")),
))
# fmt: on

# fmt: off
LIFE_OF_A_VISIT = Life("visit", VisitState, (
    move("deliver", {V.CONFIRMED},              V.DELIVERED, {SCHOOL, AMBASSADOR, COORDINATOR}, guard=lesson_not_over,
         label=_("実施したことを伝える"), past=_("実施しました")),
    move("report",  {V.CONFIRMED, V.DELIVERED, V.RETURNED}, V.REPORTED, {SCHOOL}, guard=lesson_not_over,
         label=_("実施報告を書く"), past=_("実施報告を受け取りました")),
    move("hand_back", {V.REPORTED},             V.RETURNED,  {COORDINATOR}, needs_reason=True,
         label=_("報告の見直しをお願いする"), past=_("報告の見直しをお願いしました")),
    move("verify",  {V.REPORTED},               V.VERIFIED,  {COORDINATOR},
         label=_("報告を確定する"), past=_("報告が確定しました")),
    move("cancel",  {V.CONFIRMED},              V.CANCELLED, {SCHOOL, AMBASSADOR, COORDINATOR}, guard=lesson_has_begun,
         needs_reason=True, is_grave=True, label=_("訪問を中止する"), past=_("訪問が中止になりました")),
))
# fmt: on
