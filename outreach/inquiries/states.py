"""The life of an inquiry."""

from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from outreach.lives import COORDINATOR, Life, move


class InquiryState(models.TextChoices):
    NEW = "new", _("未対応")
    TAKEN = "taken", _("対応中")
    CLOSED = "closed", _("対応済み")


I = InquiryState

OPEN = (I.NEW, I.TAKEN)


def nobody_to_answer(inquiry) -> str:
    if inquiry.mail:
        return ""
    return _now("返事を送るメールアドレスがありません。電話番号があれば電話で伝え、記録に書いてください。")


# fmt: off
LIFE_OF_AN_INQUIRY = Life("inquiry", InquiryState, (
    #    verb      from                to        who may
    move("take",   {I.NEW, I.TAKEN},   I.TAKEN,  {COORDINATOR},
         label=_("自分が担当する"), past=_("担当になりました")),
    move("answer", {I.NEW, I.TAKEN},   I.TAKEN,  {COORDINATOR}, guard=nobody_to_answer,
         label=_("返事を送る"), past=_("返事を送りました")),
    move("close",  {I.TAKEN},          I.CLOSED, {COORDINATOR}, needs_reason=True,
         label=_("対応を終える"), past=_("対応を終えました")),
    move("reopen", {I.CLOSED},         I.TAKEN,  {COORDINATOR}, needs_reason=True,
         label=_("もう一度開く"), past=_("もう一度開きました")),
))
# fmt: on

__all__ = ["LIFE_OF_AN_INQUIRY", "OPEN", "InquiryState"]
