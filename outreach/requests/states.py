"""The life of a request."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from outreach.lives import AMBASSADOR, BOARD, COORDINATOR, SCHOOL, SYSTEM, Life, move


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
# One of these needs somebody whom others can reach.
IN_SOMEBODYS_NAME = (R.DRAFT, *ALIVE)


def contact_unverified(request) -> str:
    if request.contact_is_verified:
        return ""
    if request.contact_has_left:
        return _("担当者が所属を離れています。先に「担当者を決める」で、新しい担当者を決めてください。")
    return _("担当者の所属をまだ確認していません。先に「所属の確認」で確認してください。")


def visit_is_booked(request) -> str:
    if request.living_visit is None:
        return ""
    return _("訪問が決まっています。取りやめるときは、先に訪問の画面で「訪問を中止する」を選んでください。")


def visit_is_missing(request) -> str:
    if request.living_visit is not None:
        return ""
    return _("引き受けた推進大使がまだいません。")


def something_can_still_happen(request) -> str:
    """A request ends by the clock only when all its days are past and no visit came of it."""
    if request.living_visit is None and request.days_are_over:
        return ""
    return _("まだ選べる希望日時があります。")


# fmt: off
LIFE_OF_A_REQUEST = Life("request", RequestState, (
    #    verb            from                              to            who may
    move("submit",       {R.DRAFT},                        R.SUBMITTED,  {SCHOOL, COORDINATOR},
         label=_("申し込む"), past=_("申し込みました")),
    move("send_to_board", {R.DRAFT, R.RETURNED},           R.WITH_BOARD, {SCHOOL},
         past=_("教育委員会に送りました")),
    move("pass_on",      {R.WITH_BOARD},                   R.SUBMITTED,  {BOARD, COORDINATOR},
         label=_("事務局に送る"), past=_("教育委員会が事務局に送りました")),
    move("take_up",      {R.SUBMITTED, R.WAITLISTED},      R.OPEN,       {COORDINATOR}, guard=contact_unverified,
         label=_("調整を始める"), past=_("調整を始めました")),
    move("waitlist",     {R.SUBMITTED},                    R.WAITLISTED, {COORDINATOR}, needs_reason=True,
         label=_("順番待ちにする"), past=_("順番待ちになりました")),
    move("hand_back",    {R.SUBMITTED},                    R.RETURNED,   {COORDINATOR}, needs_reason=True,
         label=_("修正をお願いする"), past=_("修正をお願いしました")),
    move("hand_back",    {R.WITH_BOARD},                   R.RETURNED,   {BOARD, COORDINATOR}, needs_reason=True,
         label=_("修正をお願いする"), past=_("修正をお願いしました")),
    move("resubmit",     {R.RETURNED},                     R.SUBMITTED,  {SCHOOL, COORDINATOR},
         label=_("直して申し込む"), past=_("直して申し込みました")),
    move("drop_date",    {R.SUBMITTED},                    R.SUBMITTED,  {SCHOOL, COORDINATOR}, past=_("希望日時を1つ取り下げました")),
    move("drop_date",    {R.OPEN},                         R.OPEN,       {SCHOOL, COORDINATOR}, guard=visit_is_booked,
         past=_("希望日時を1つ取り下げました")),
    move("drop_date",    {R.WAITLISTED},                   R.WAITLISTED, {SCHOOL, COORDINATOR}, past=_("希望日時を1つ取り下げました")),
    move("add_dates",    {R.SUBMITTED},                    R.SUBMITTED,  {SCHOOL, COORDINATOR}, past=_("希望日時を加えました")),
    move("add_dates",    {R.OPEN},                         R.OPEN,       {SCHOOL, COORDINATOR}, guard=visit_is_booked,
         label=_("希望日時を変える"), past=_("希望日時を加えました")),
    move("add_dates",    {R.WAITLISTED},                   R.WAITLISTED, {SCHOOL, COORDINATOR},
         label=_("希望日時を変える"), past=_("希望日時を加えました")),
    move("decline",      {R.SUBMITTED, R.OPEN, R.WAITLISTED}, R.DECLINED, {COORDINATOR}, guard=visit_is_booked,
         needs_reason=True, is_grave=True, label=_("今回は見送る"), past=_("今回は見送りになりました")),
    move("unmatch",      {R.OPEN, R.WAITLISTED},           R.UNMATCHED,  {COORDINATOR}, guard=visit_is_booked,
         needs_reason=True, is_grave=True, label=_("不成立にする"), past=_("推進大使が見つかりませんでした")),
    move("book",         {R.OPEN},                         R.BOOKED,     {AMBASSADOR, COORDINATOR},
         past=_("訪問が決まりました")),
    move("settle",       {R.OPEN},                         R.BOOKED,     {COORDINATOR}, guard=visit_is_missing,
         label=_("この人数で決める"), past=_("この人数で決まりました")),
    # The day came with fewer ambassadors than wanted: nobody presses this.
    move("begin",        {R.OPEN},                         R.BOOKED,     {SYSTEM}, guard=visit_is_missing,
         past=_("訪問の日になりました")),
    move("lose_one",     {R.BOOKED},                       R.OPEN,       {AMBASSADOR, COORDINATOR},
         past=_("推進大使をもう一人探します")),
    move("fall_through", {R.BOOKED, R.OPEN},               R.OPEN,       {SCHOOL, AMBASSADOR, COORDINATOR},
         past=_("調整に戻りました")),
    move("complete",     {R.BOOKED},                       R.COMPLETED,  {COORDINATOR},
         past=_("実施済みになりました")),
    move("expire",       {R.WITH_BOARD, R.SUBMITTED, R.RETURNED, R.OPEN, R.WAITLISTED}, R.EXPIRED, {SYSTEM},
         guard=something_can_still_happen, past=_("希望日時がすべて過ぎました")),
    move("reopen",       {R.DECLINED, R.UNMATCHED, R.WITHDRAWN, R.EXPIRED}, R.SUBMITTED, {SCHOOL, COORDINATOR},
         label=_("もう一度申し込む"), past=_("もう一度申し込みました")),
    move("withdraw",     {R.DRAFT, R.WITH_BOARD, R.SUBMITTED, R.RETURNED, R.OPEN, R.WAITLISTED, R.BOOKED}, R.WITHDRAWN,
         {SCHOOL, COORDINATOR}, needs_reason=True, is_grave=True, label=_("取り下げる"), past=_("取り下げました")),
))
# fmt: on

__all__ = ["ALIVE", "IN_SOMEBODYS_NAME", "LIFE_OF_A_REQUEST", "RequestState"]
