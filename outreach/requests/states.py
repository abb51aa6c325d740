"""The life of a request."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from outreach.lives import AMBASSADOR, COORDINATOR, SCHOOL, Life, move


class RequestState(models.TextChoices):
    DRAFT = "draft", _("下書き")
    WITH_BOARD = "with_board", _("教育委員会で確認中")
    SUBMITTED = "submitted", _("受付中")
    RETURNED = "returned", _("修正のお願い")
    OPEN = "open", _("調整中")
    WAITLISTED = "waitlisted", _("順番待ち")
    BOOKED = "booked", _("決定")
    COMPLETED = "completed", _("実施済み")
    DECLINED = "declined", _("今回は見送り")
    UNMATCHED = "unmatched", _("不成立")
    EXPIRED = "expired", _("日程終了")
    WITHDRAWN = "withdrawn", _("取下げ")


R = RequestState

# A request of these states still wants something from somebody.
ALIVE = (R.WITH_BOARD, R.SUBMITTED, R.RETURNED, R.OPEN, R.WAITLISTED, R.BOOKED)


def contact_unverified(request) -> str:
    if request.contact_is_verified:
        return ""
    return _("担当者の所属をまだ確認していません。先に「所属の確認」で確認してください。")


# fmt: off
LIFE_OF_A_REQUEST = Life("request", RequestState, (
    #    verb            from                              to            who may
    move("submit",       {R.DRAFT},                        R.SUBMITTED,  {SCHOOL},
         label=_("申し込む"), past=_("申し込みました")),
    move("take_up",      {R.SUBMITTED},                    R.OPEN,       {COORDINATOR}, guard=contact_unverified,
         label=_("調整を始める"), past=_("調整を始めました")),
    move("hand_back",    {R.SUBMITTED},                    R.RETURNED,   {COORDINATOR}, needs_reason=True,
         label=_("修正をお願いする"), past=_("修正をお願いしました")),
    move("resubmit",     {R.RETURNED},                     R.SUBMITTED,  {SCHOOL},
         label=_("直して申し込む"), past=_("直して申し込みました")),
    move("decline",      {R.SUBMITTED, R.OPEN},            R.DECLINED,   {COORDINATOR}, needs_reason=True, is_grave=True,
         label=_("今回は見送る"), past=_("今回は見送りになりました")),
    move("book",         {R.OPEN},                         R.BOOKED,     {AMBASSADOR},
         past=_("訪問が決まりました")),
    move("fall_through", {R.BOOKED},                       R.OPEN,       {SCHOOL, AMBASSADOR, COORDINATOR},
         past=_("調整に戻りました")),
    move("complete",     {R.BOOKED},                       R.COMPLETED,  {COORDINATOR},
         past=_("実施済みになりました")),
    move("withdraw",     {R.DRAFT, R.SUBMITTED, R.RETURNED, R.OPEN, R.BOOKED}, R.WITHDRAWN, {SCHOOL, COORDINATOR},
         needs_reason=True, is_grave=True, label=_("取り下げる"), past=_("取り下げました")),
))
# fmt: on

__all__ = ["ALIVE", "LIFE_OF_A_REQUEST", "RequestState"]
