"""What the database itself refuses about kept time, whatever the code above it believes."""

import datetime as dt

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from outreach.availability import guards
from outreach.models import Hold, Offer, Participation, Reschedule, Visit
from tests import factories

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)


def hold(offer: Offer, *, of_request=None, **times) -> Hold:
    """Another hold of the same ambassador, an hour from three, as raw as the table takes it."""
    like = Hold.objects.filter(offer=offer).first()
    starts_at = times.get("starts_at", like.starts_at)
    ends_at = times.get("ends_at", like.ends_at)
    return Hold(
        ambassador=offer.ambassador,
        request=of_request or offer.request,
        slot=like.slot,
        offer=times.get("owner", offer),
        starts_at=starts_at,
        ends_at=ends_at,
        blocked_from=times.get("blocked_from", starts_at),
        blocked_until=times.get("blocked_until", ends_at),
    )


@pytest.fixture
def kept(waiting_offer) -> Hold:
    return Hold.objects.filter(offer=waiting_offer).order_by("starts_at").first()


@pytest.fixture
def other_request(asked_at):
    return asked_at(factories.dates.at_tokyo(factories.school_day(40), dt.time(10)))


def refused(row: models.Model, name: str) -> bool:
    """Whether the database refuses the row by the guard of this name."""
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as refusal:
        return name in str(refusal)
    return False


@pytest.mark.parametrize(
    ("begins", "ends", "is_refused"),
    [
        ("same", "same", True),
        ("inside", "inside", True),
        ("around", "around", True),
        ("before", "into", True),
        ("into", "after", True),
        ("before", "touching", False),
        ("after", "later", False),
    ],
)
def test_time_kept_for_one_request_is_not_kept_for_another(
    begins, ends, is_refused, kept, waiting_offer, other_request
):
    minute = dt.timedelta(minutes=1)
    froms = {
        "same": kept.blocked_from,
        "inside": kept.blocked_from + minute,
        "around": kept.blocked_from - minute,
        "before": kept.blocked_from - HOUR,
        "into": kept.blocked_until - minute,
        "after": kept.blocked_until,
    }
    untils = {"same": kept.blocked_until, "inside": kept.blocked_until - minute, "around": kept.blocked_until + minute,
              "into": kept.blocked_from + minute, "touching": kept.blocked_from, "after": kept.blocked_until + HOUR,
              "later": kept.blocked_until + HOUR}  # fmt: skip
    row = hold(waiting_offer, of_request=other_request, starts_at=froms[begins], ends_at=untils[ends])
    assert refused(row, guards.FREE) is is_refused


def test_alternatives_of_one_request_may_overlap(kept, waiting_offer):
    assert not refused(hold(waiting_offer), guards.FREE)


def test_another_ambassador_is_not_in_the_way(kept, waiting_offer, other_request, other_ambassador):
    row = hold(waiting_offer, of_request=other_request)
    row.ambassador = other_ambassador
    assert not refused(row, guards.FREE)


def test_time_that_was_let_go_is_in_nobodys_way_until_it_is_kept_again(kept, waiting_offer, other_request):
    row = hold(waiting_offer, of_request=other_request)
    row.is_holding = False
    assert not refused(row, guards.FREE)
    row.is_holding = True
    assert refused(row, guards.FREE)


def test_a_hold_does_not_grow_into_another(kept, waiting_offer, other_request):
    row = hold(waiting_offer, of_request=other_request, starts_at=kept.blocked_until, ends_at=kept.blocked_until + HOUR)
    row.save()
    row.blocked_from = kept.blocked_until - dt.timedelta(seconds=1)
    assert refused(row, guards.FREE)


def test_many_rows_in_one_statement_are_refused_together(kept, waiting_offer, other_request):
    far = timezone.now() + dt.timedelta(days=90)
    free = hold(waiting_offer, of_request=other_request, starts_at=far, ends_at=far + HOUR)
    taken = hold(waiting_offer, of_request=other_request)
    before = Hold.objects.count()
    with pytest.raises(IntegrityError, match=guards.FREE), transaction.atomic():
        Hold.objects.bulk_create([free, taken])
    assert Hold.objects.count() == before


@pytest.mark.parametrize("state", ["declined", "expired", "retracted"])
def test_an_offer_does_not_end_while_it_keeps_time(state, waiting_offer):
    with pytest.raises(IntegrityError, match=guards.OWNED), transaction.atomic():
        Offer.objects.filter(pk=waiting_offer.pk).update(state=state)
    Hold.objects.filter(offer=waiting_offer).update(is_holding=False)
    assert Offer.objects.filter(pk=waiting_offer.pk).update(state=state) == 1


def test_an_offer_that_ended_keeps_no_time(waiting_offer):
    row = hold(waiting_offer)
    Hold.objects.filter(offer=waiting_offer).update(is_holding=False)
    Offer.objects.filter(pk=waiting_offer.pk).update(state="declined")
    assert refused(row, guards.OWNED)


def test_a_proposal_does_not_end_while_it_keeps_time(proposal):
    with pytest.raises(IntegrityError, match=guards.OWNED), transaction.atomic():
        Reschedule.objects.filter(pk=proposal.pk).update(state="refused")


def test_the_time_of_a_confirmed_visit_is_not_let_go(confirmed_visit):
    mine = Hold.objects.filter(visit=confirmed_visit)
    for change in ({"is_holding": False}, {"visit": None}):
        with pytest.raises(IntegrityError, match=guards.KEPT), transaction.atomic():
            mine.update(**change)
    assert mine.get().is_holding


def test_nobody_takes_part_in_a_visit_whose_time_they_do_not_keep(confirmed_visit, other_ambassador):
    assert refused(Participation(visit=confirmed_visit, ambassador=other_ambassador), guards.KEPT)


@pytest.mark.parametrize("state", ["cancelled", "not_held"])
def test_the_time_of_a_visit_that_will_not_be_is_free_at_once(state, confirmed_visit):
    Visit.objects.filter(pk=confirmed_visit.pk).update(state=state)
    freed = Hold.objects.get(visit=confirmed_visit)
    assert not freed.is_holding
    assert freed.let_go_at == confirmed_visit.state_since


def test_all_guards_are_alive_in_a_migrated_database():
    assert guards.missing(connection) == []
    assert guards.check_guards(None, ["default"]) == []


def test_a_guard_that_is_gone_is_missed_and_comes_back_with_migrate():
    with connection.cursor() as cursor:
        table = " ON outreach_hold" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER {guards.KEPT}{table}")
    [problem] = guards.check_guards(None, ["default"])
    assert guards.KEPT in problem.msg
    assert "migrate" in problem.hint
    call_command("migrate", verbosity=0)
    assert guards.missing(connection) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("model", [Hold, Offer, Visit, Participation], ids=lambda model: model.__name__)
def test_a_migration_that_rebuilds_a_table_leaves_every_guard_alive(model):
    """SQLite rebuilds a table to change a column, and with it drops what watched over it."""
    changed = models.CharField(max_length=77, default="", db_column="of_a_test")
    changed.set_attributes_from_name("of_a_test")
    guards.before_migrate(None, using="default")
    with connection.schema_editor() as editor:
        editor.add_field(model, changed)
    with connection.schema_editor() as editor:
        editor.remove_field(model, changed)
    guards.after_migrate(None, using="default")
    assert guards.missing(connection) == []
