"""What a prefecture may read of its municipalities: counts, and pupils only where no small number shows through."""

import datetime as dt
from collections import Counter

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from outreach.boards import counts
from outreach.boards.counts import LEAST_PUPILS, LEAST_SCHOOLS, Cell, tellable
from outreach.models import Board, ReachEntry, Request, School, Visit
from outreach.schools.models import BoardKind
from tests import factories
from tests.outreach.boards.conftest import person_of
from tests.outreach.pages import Reader

cells = st.dictionaries(
    st.integers(0, 30),
    st.one_of(st.just(Cell()), st.builds(Cell, st.integers(1, 8), st.integers(0, 60))),
    max_size=12,
)


@given(cells)
def test_no_small_cell_is_told_or_found_by_subtraction(cells):
    shown, total = tellable(cells)
    hidden = [cells[key] for key, pupils in shown.items() if pupils is None]
    for key, pupils in shown.items():
        assert pupils is None or (pupils == cells[key].pupils and not cells[key].is_small)
    if total is None or not hidden:
        return
    assert total == sum(cell.pupils for cell in cells.values())
    # What is left when all told cells are taken from the sum is no small cell itself.
    assert len(hidden) >= 2
    assert sum(cell.schools for cell in hidden) >= LEAST_SCHOOLS
    assert total - sum(pupils or 0 for pupils in shown.values()) >= LEAST_PUPILS


@given(cells)
def test_nothing_is_hidden_without_need(cells):
    shown, total = tellable(cells)
    if not any(cell.is_small for cell in cells.values()):
        assert None not in {*shown.values(), total}


@pytest.mark.parametrize(
    ("given_cells", "shown", "total"),
    [
        ({1: Cell(3, 10), 2: Cell(5, 200)}, {1: 10, 2: 200}, 210),
        ({1: Cell(2, 300)}, {1: None}, None),
        ({1: Cell(9, 9)}, {1: None}, None),
        # The one small cell would be the sum less the other: both are hidden.
        ({1: Cell(1, 30), 2: Cell(5, 200)}, {1: None, 2: None}, 230),
        ({1: Cell(1, 30), 2: Cell(5, 200), 3: Cell(4, 90)}, {1: None, 2: 200, 3: None}, 320),
        # Two small ones hide each other.
        ({1: Cell(1, 30), 2: Cell(2, 40), 3: Cell(4, 90)}, {1: None, 2: None, 3: 90}, 160),
        # No visit is no secret, and hides nobody.
        ({1: Cell(1, 30), 2: Cell()}, {1: None, 2: 0}, None),
        ({}, {}, 0),
    ],
)
def test_what_is_told_of_which_cells(given_cells, shown, total):
    assert tellable(given_cells) == (shown, total)


def municipal_visits(municipality: Board, schools: int, clock) -> list[Visit]:
    """So many verified visits, each of 30 pupils at another school of the municipality, written straight down."""
    first = School.objects.filter(board=municipality).first()
    request = factories.open_request(by=person_of(school=first), school=first, groups=(("elementary", 5, "", 32),))
    visit = factories.confirmed_visit(offer=factories.offer_for(request))
    factories.past_visit(clock, visit=visit)
    factories.verified_visit(factories.reported_visit(visit))
    entries = list(ReachEntry.objects.filter(visit=visit))
    for number in range(1, schools):
        other = School.objects.get(pk=first.pk)
        other.pk, other.public_id, other.school_code = None, None, f"B1132{number:08d}"
        other.public_id = School._meta.get_field("public_id").get_default()
        other.save()
        for entry in entries:
            entry.pk, entry.school = None, other
            ReachEntry.objects.bulk_create([entry])
    return [visit]


@pytest.mark.django_db
def test_counts_are_of_today_and_pupils_of_the_first_of_the_month(municipality, board, clock):
    municipal_visits(municipality, 3, clock)
    year = Request.objects.get().fiscal_year
    now = counts.municipalities(board, year)
    (row,) = [row for row in now.rows if row.name == municipality.name]
    assert (row.requests, row.planned, row.verified, row.pupils) == (1, 0, 3, 0)
    clock.move_to(timezone.now() + dt.timedelta(days=31))
    (row,) = [row for row in counts.municipalities(board, year).rows if row.name == municipality.name]
    assert (row.verified, row.pupils) == (3, 90)


@pytest.mark.django_db
def test_pupils_of_few_schools_are_not_told(municipality, board, board_member, clock):
    municipal_visits(municipality, 2, clock)
    clock.move_to(timezone.now() + dt.timedelta(days=31))
    found = counts.municipalities(board, Request.objects.get().fiscal_year)
    (row,) = [row for row in found.rows if row.name == municipality.name]
    assert (row.verified, row.pupils, found.pupils) == (2, None, None)
    body = Reader(board_member).reads(f"/boards/{board.public_id}/municipalities/")
    assert body.count("—（少数のため）") == 2
    assert "60人" not in body


@pytest.mark.django_db
def test_only_municipalities_of_the_prefecture_are_there_and_only_a_prefecture_has_the_page(
    municipality, board, board_member, coordinator
):
    rows = counts.municipalities(board, 2026).rows
    assert Counter(row.name for row in rows) == Counter(
        Board.objects.filter(kind=BoardKind.MUNICIPALITY, prefecture_code=board.prefecture_code).values_list(
            "name_ja", flat=True
        )
    )
    desk = Reader(coordinator)
    assert desk.sees(f"/boards/{municipality.public_id}/municipalities/") == 404
    assert "市区町村" not in desk.reads(f"/boards/{municipality.public_id}/")
