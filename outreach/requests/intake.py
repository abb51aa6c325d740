"""Whether requests are taken now, in one sentence for everybody."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from outreach.requests.models import IntakeMode, current_rules
from ui import dates


@dataclass(frozen=True)
class Intake:
    """Whether the form is open, and the sentence that the home page, the form and every receipt print."""

    is_open: bool
    sentence: str
    rule: str

    @property
    def open(self) -> bool:
        return self.is_open


def intake_now() -> Intake:
    """Of the present fiscal year; before April the next year's rules are shown once they exist and are open."""
    rules = current_rules()
    today = dates.today()
    if rules is None:
        return Intake(False, _("今年度の受付のきまりを準備しています。"), "")
    words = {
        "year": dates.fiscal_year_name(rules.fiscal_year),
        "opens": dates.day_words(rules.opens_on, year=True),
        "closes": dates.day_words(rules.closes_on, year=True),
    }
    rule = (
        _("先着順：先に申し込んだ学校の機会を、後の申込みが奪うことはありません。")
        if rules.mode == IntakeMode.FIRST_COME
        else _("締切ごとの調整：公開している決め方で順番を決めます。")
    )
    if today < rules.opens_on:
        return Intake(False, _("%(year)sの受付は%(opens)sから%(closes)sまでです。") % words, rule)
    if today > rules.closes_on:
        return Intake(
            False, _("%(year)sの受付は%(closes)sで終わりました。次の受付は4月以降にお知らせします。") % words, rule
        )
    return Intake(True, _("%(year)sの受付は%(closes)sまで。予算に達した時点で終わります。") % words, rule)
