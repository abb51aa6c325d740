"""The lives of an offer and of a visit."""

import datetime as dt

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


class RescheduleState(models.TextChoices):
    OPEN = "open", _("返事待ち")
    AGREED = "agreed", _("変更しました")
    REFUSED = "refused", _("元の日時のまま")
    EXPIRED = "expired", _("期限切れ")
    WITHDRAWN = "withdrawn", _("取消し")


O = OfferState
V = VisitState
C = RescheduleState
UNDO_DAYS = 7

# Visits of these states keep their ambassadors' time.
HOLDING = (V.CONFIRMED, V.DELIVERED, V.REPORTED, V.RETURNED, V.VERIFIED, V.CORRECTED)

# While a visit is in one of these states its parties see how to reach each other.
CONTACTS_OPEN = (V.CONFIRMED, V.DELIVERED, V.REPORTED, V.RETURNED)


def offer_is_over(offer) -> str:
    """Past its moment an offer is refused by the clock, whatever its row says."""
    if offer.expires_at > timezone.now():
        return ""
    return _("この打診の期限は過ぎました。まだ引き受けられるときは、事務局に連絡してください。")


def lesson_not_over(visit) -> str:
    if not visit.holds_time or visit.ends_at <= timezone.now():
        return ""
    return _("授業が終わってから行えます。")


def lesson_has_begun(visit) -> str:
    if not visit.holds_time or visit.starts_at > timezone.now():
        return ""
    return _("授業の時刻を過ぎたので、中止にはできません。実施しなかったときは「実施しなかった」を選んでください。")


def too_late_to_undo(visit) -> str:
    if timezone.now() - visit.state_since <= dt.timedelta(days=UNDO_DAYS):
        return ""
    return _("取り消せるのは%(days)s日以内です。事務局に連絡してください。") % {"days": UNDO_DAYS}


def nobody_else_remains(visit) -> str:
    """Who leaves a visit leaves it to somebody; the last one cancels."""
    if refusal := lesson_has_begun(visit):
        return refusal
    if len(visit.present_ambassadors) > 1:
        return ""
    return _("ほかに担当の推進大使がいません。来られないときは「訪問を中止する」を選んでください。")


def time_is_not_held(visit) -> str:
    if not visit.holds_time:
        return _("教材・動画には日時がありません。")
    return lesson_has_begun(visit)


def proposal_is_over(reschedule) -> str:
    if reschedule.expires_at > timezone.now():
        return ""
    return _("この相談の期限は過ぎました。訪問は元の日時のままです。")


# fmt: off
LIFE_OF_AN_OFFER = Life("offer", OfferState, (
    move("accept",  {O.SENT}, O.ACCEPTED,  {AMBASSADOR}, guard=offer_is_over,
         label=_("引き受ける"), past=_("推進大使が引き受けました")),
    move("decline", {O.SENT}, O.DECLINED,  {AMBASSADOR}, guard=offer_is_over,
         label=_("今回は見送る"), past=_("推進大使が見送りました")),
    move("retract", {O.SENT}, O.RETRACTED, {COORDINATOR}, needs_reason=True,
         label=_("打診を取り消す"), past=_("打診を取り消しました")),
    # The request ended, the places are taken or the days were dropped: nobody presses this.
    move("lapse",   {O.SENT}, O.RETRACTED, {SCHOOL, AMBASSADOR, COORDINATOR, SYSTEM}, past=_("打診が終わりました")),
    move("expire",  {O.SENT}, O.EXPIRED,   {SYSTEM}, past=_("打診の期限が過ぎました")),
))

LIFE_OF_A_VISIT = Life("visit", VisitState, (
    move("join",    {V.CONFIRMED},              V.CONFIRMED, {AMBASSADOR},
         past=_("推進大使が加わりました")),
    move("leave",   {V.CONFIRMED},              V.CONFIRMED, {AMBASSADOR, COORDINATOR}, guard=nobody_else_remains,
         needs_reason=True, label=_("担当を外れる"), past=_("推進大使が1人外れました")),
    move("replace", {V.CONFIRMED},              V.CONFIRMED, {COORDINATOR}, guard=lesson_has_begun,
         needs_reason=True, label=_("交代を探す"), past=_("交代の推進大使を探し始めました")),
    move("move",    {V.CONFIRMED},              V.CONFIRMED, {SCHOOL, AMBASSADOR}, guard=time_is_not_held,
         past=_("日時が変わりました")),
    move("deliver", {V.CONFIRMED},              V.DELIVERED, {SCHOOL, AMBASSADOR, COORDINATOR}, guard=lesson_not_over,
         label=_("実施したことを伝える"), past=_("実施しました")),
    move("undo_deliver", {V.DELIVERED},         V.CONFIRMED, {SCHOOL, AMBASSADOR, COORDINATOR}, guard=too_late_to_undo,
         label=_("実施の記録を取り消す"), past=_("実施の記録を取り消しました")),
    move("report",  {V.CONFIRMED, V.DELIVERED, V.RETURNED}, V.REPORTED, {SCHOOL, COORDINATOR}, guard=lesson_not_over,
         label=_("実施報告を書く"), past=_("実施報告を受け取りました")),
    move("hand_back", {V.REPORTED},             V.RETURNED,  {COORDINATOR}, needs_reason=True,
         label=_("報告の見直しをお願いする"), past=_("報告の見直しをお願いしました")),
    move("verify",  {V.REPORTED},               V.VERIFIED,  {COORDINATOR},
         label=_("報告を確定する"), past=_("報告が確定しました")),
    move("correct", {V.VERIFIED, V.CORRECTED},  V.CORRECTED, {COORDINATOR}, needs_reason=True,
         label=_("報告を訂正する"), past=_("報告を訂正しました")),
    move("cancel",  {V.CONFIRMED},              V.CANCELLED, {SCHOOL, AMBASSADOR, COORDINATOR}, guard=lesson_has_begun,
         needs_reason=True, is_grave=True, label=_("訪問を中止する"), past=_("訪問が中止になりました")),
    move("not_held", {V.CONFIRMED},             V.NOT_HELD,  {SCHOOL, COORDINATOR}, guard=lesson_not_over,
         needs_reason=True, is_grave=True, label=_("実施しなかった"), past=_("実施しませんでした")),
))

LIFE_OF_A_RESCHEDULE = Life("reschedule", RescheduleState, (
    move("agree",    {C.OPEN}, C.OPEN,      {SCHOOL, AMBASSADOR}, guard=proposal_is_over,
         label=_("この日時でよい"), past=_("日時の変更に同意しました")),
    # The last one agreed: the visit moves in the same transaction.
    move("swap",     {C.OPEN}, C.AGREED,    {SCHOOL, AMBASSADOR}, guard=proposal_is_over,
         past=_("全員が同意し、日時が変わりました")),
    move("refuse",   {C.OPEN}, C.REFUSED,   {SCHOOL, AMBASSADOR}, guard=proposal_is_over,
         label=_("元の日時のままにする"), past=_("元の日時のままになりました")),
    move("withdraw", {C.OPEN}, C.WITHDRAWN, {SCHOOL, AMBASSADOR, COORDINATOR},
         label=_("相談を取り消す"), past=_("日時変更の相談を取り消しました")),
    # The visit ended or somebody joined or left: nobody presses this.
    move("lapse",    {C.OPEN}, C.WITHDRAWN, {SCHOOL, AMBASSADOR, COORDINATOR, SYSTEM}, past=_("日時変更の相談が終わりました")),
    move("expire",   {C.OPEN}, C.EXPIRED,   {SYSTEM}, past=_("日時変更の相談の期限が過ぎました")),
))
# fmt: on
