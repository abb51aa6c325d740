"""行動規範: the year's text, and who has accepted it."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from accounts.models import User
from outreach.ambassadors.actions import desk_only
from outreach.ambassadors.models import Acceptance, Ambassador, CodeOfConduct
from outreach.lives import NotAllowed, TooLate
from ui import dates


def present_code() -> CodeOfConduct | None:
    """The text of today's fiscal year."""
    return CodeOfConduct.objects.in_force(dates.fiscal_year_of(dates.today()))


def has_accepted(ambassador: Ambassador) -> bool:
    """Whether this person has accepted what holds this fiscal year; nobody misses a text that does not exist."""
    year = dates.fiscal_year_of(dates.today())
    return Acceptance.objects.of_year(year).filter(ambassador=ambassador).exists() or present_code() is None


def who_accepted() -> set[int] | None:
    """The ambassadors who have accepted this year's text; None when there is no text."""
    if present_code() is None:
        return None
    year = dates.fiscal_year_of(dates.today())
    return set(Acceptance.objects.of_year(year).values_list("ambassador_id", flat=True))


@transaction.atomic
def accept_code(ambassador: Ambassador, *, by: User, code: CodeOfConduct) -> Acceptance:
    """The ambassador keeps to this text until the end of the fiscal year. Raises: TooLate when it is another by now."""
    if not by.is_active or ambassador.user_id != by.pk:
        raise NotAllowed(_("行動規範に同意できるのは推進大使本人です。"))
    if (present := present_code()) is None or present.pk != code.pk:
        raise TooLate(_("行動規範が新しくなりました。新しい文を読んでから同意してください。"))
    year = dates.fiscal_year_of(dates.today())
    made, _is_new = Acceptance.objects.get_or_create(ambassador=ambassador, code=code, fiscal_year=year)
    return made


def _reads_alike(one: str, other: str) -> bool:
    return one.split() == other.split()


@transaction.atomic
def renew_code(
    *, by: User, fiscal_year: int, body_ja: str, body_en: str = "", asks_again: bool = True, note: str = ""
) -> CodeOfConduct:
    """A new version of the year's text; with `asks_again` everybody accepts it anew before the next yes."""
    desk_only(by, _("行動規範を改められるのは事務局です。"))
    before = CodeOfConduct.objects.in_force(fiscal_year)
    if before and not asks_again and all(map(_reads_alike, (before.body_ja, before.body_en), (body_ja, body_en))):
        raise NotAllowed(_("いまの文と同じです。変わったところはありません。"))
    newest = CodeOfConduct.objects.filter(fiscal_year=fiscal_year).order_by("-version").first()
    try:
        with transaction.atomic():
            made = CodeOfConduct.objects.create(
                fiscal_year=fiscal_year,
                version=newest.version + 1 if newest else 1,
                body_ja=body_ja,
                body_en=body_en,
                asks_again=asks_again,
                note=note,
                made_by=by,
            )
    except IntegrityError:
        raise TooLate(_("ほかの担当者が先に改めました。画面を開き直して確かめてください。")) from None
    log(made, "kakehashi.renew_code", user=by, data={"asks_again": made.asks_again, "note": note})
    return made
