"""Named places: upper parts register, lower parts ask."""

from ui.places import Place


def test_a_place_asks_in_the_order_of_ranks_and_leaves_out_what_is_none():
    place = Place("test", "numbers")
    place.register(lambda: 2, rank=20)
    place.register(lambda: None, rank=15)
    place.register(lambda: 1, rank=10)
    place.register(lambda: 3)
    assert list(place.ask()) == [1, 2, 3]
    assert place.first() == 1


def test_a_place_that_nobody_uses_answers_nothing():
    place = Place("test", "nothing")
    assert (list(place.ask()), place.first(), place.entries()) == ([], None, [])


def test_registering_twice_changes_nothing():
    place, entry = Place("test", "numbers"), lambda number: number + 1
    place.register(entry)
    place.register(entry, rank=1)
    assert list(place.ask(1)) == [2]
