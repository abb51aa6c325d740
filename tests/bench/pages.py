"""What is visited: the floors, the pages of the house, and the goal that each page is held to."""

from dataclasses import dataclass

from outreach.requests.models import Request
from outreach.requests.states import RequestState
from tests.bench import booking, crowd, world
from tests.bench.rounds import Subject
from tests.bench.servers import Server
from tests.bench.visitors import Visitor
from ui import dates

FLOORS = {
    "floor_html": "/bare/html/",
    "floor_mw": "/default/html/",
    "floor_db": "/bare/db/",
    "floor_table50": "/bare/table50/",
    "floor_wagtail5": "/",
    "floor_db50": "/bare/db50/",
    "floor_db200": "/bare/db200/",
    "floor_cached": "/bare/cached/",
    "floor_304": "/bare/same/",
}


FILTERED = "/ambassadors/?format=in_person&theme=local&stage=high&competence=1.1"


@dataclass(frozen=True)
class Row:
    """One line of the result: a subject, what it is compared with, and what its goal allows (None: no goal)."""

    label: str
    subject: str
    against: str
    goal: str = ""
    cpu: float | None = None
    queries: int | None = None
    kilobytes: int | None = None
    tail: float | None = 2.0


def floors(server: Server) -> list[Subject]:
    visitor = Visitor(server)
    found = [Subject(name, visitor, {address: ""}) for name, address in FLOORS.items() if name != "floor_304"]
    same = Subject("floor_304", visitor, {FLOORS["floor_304"]: ""}, headers={"If-None-Match": '"rows"'}, status=304)
    return [*found, same]


def pages(house: Server, small_house: Server, booking_house: Server) -> list[Subject]:
    """The pages of the house that have a goal by now, and some that are only looked at."""
    nobody, teacher = Visitor(house), _signed_in(house, world.TEACHER)
    desk, desk_in_small_house = (_signed_in(server, world.COORDINATOR) for server in (house, small_house))
    first, *others = world.drafts()
    # Any token of a form will do until the next sign-in.
    teacher.read_token(f"/requests/{first}/edit/dates/")
    form = f"/requests/{first}/edit"
    to_submit = {f"/requests/{draft}/edit/confirm/": f"/requests/{draft}/" for draft in others}
    home = nobody.ask("/")
    stamps = {"If-None-Match": "etag", "If-Modified-Since": "last-modified"}
    known = {asked: home.headers[told] for asked, told in stamps.items() if told in home.headers}
    waiting = Request.objects.filter(state=RequestState.OPEN).order_by("pk").values_list("public_id", flat=True)[0]
    found = [
        Subject("home", nobody, {"/": ""}),
        Subject("home_with_tenth", Visitor(small_house), {"/": ""}),
        Subject("reach", nobody, {"/reach/": ""}),
        Subject("directory", nobody, {FILTERED: ""}),
        Subject("directory_of_many", Visitor(small_house), {FILTERED: ""}),
        Subject("directory_searched", Visitor(small_house), {"/ambassadors/?q=%E3%81%9F%E3%81%84%E3%81%97&page=2": ""}),
        Subject("card", nobody, {"/ambassadors/ambassador-7/": ""}),
        Subject("dates", teacher, {f"{form}/dates/": ""}),
        Subject("lesson", teacher, {f"{form}/lesson/": ""}),
        Subject("send_dates", teacher, {f"{form}/dates/": f"{form}/lesson/"}, form=_dates(), status=302),
        Subject("submit", teacher, to_submit, form={}, status=302, put_back=world.take_back_drafts),
        Subject("queue", desk, {"/desk/": ""}),
        Subject("queue_with_tenth", desk_in_small_house, {"/desk/": ""}),
        Subject("desk_request", desk, {f"/desk/requests/{waiting}/": ""}),
        Subject("messages", desk, {f"/visits/{world.talked_about().public_id}/messages/": ""}),
    ]
    if known:
        found.append(Subject("home_same", nobody, {"/": ""}, headers=known, status=304))
    return found + booking.subjects(booking_house, _signed_in(booking_house, world.COORDINATOR))


def _signed_in(server: Server, email: str) -> Visitor:
    visitor = Visitor(server)
    visitor.sign_in(email, world.PASSWORD)
    return visitor


def _dates() -> dict[str, str | list[str]]:
    """The page of wanted days, filled in as a teacher would."""
    last = dates.fiscal_year_bounds(dates.fiscal_year_of(dates.today()))[1]
    form: dict[str, str | list[str]] = {
        "answer_by": (dates.today() + world.DAY).isoformat(),
        "times_note": "5限は避けてください。",
    }
    for rank in (1, 2, 3):
        day = min(dates.today() + world.DAY * (28 + rank), last)
        form |= {f"day_{rank}": day.isoformat(), f"periods_{rank}": [str(rank * 2)], f"school_day_{rank}": "on"}
    return form


def rows(measured: set[str], queries: dict[str, int], requests: int) -> list[Row]:
    """The lines of the result, in reading order; a home page that needs no query comes from a cache."""
    home = Row("home, not signed in", "home", "floor_wagtail5", "3", cpu=1.5, queries=8)
    if queries.get("home") == 0:
        home = Row("home, from the cache", "home", "floor_mw", "2", cpu=2, queries=0)
    wanted = [
        home,
        Row("home, answered 304", "home_same", "floor_mw", "2", cpu=1.5, queries=2),
        Row(f"home, {requests} ÷ {requests // 10} open requests", "home", "home_with_tenth", "7", cpu=1.15, tail=None),
        Row("request form: dates", "dates", "floor_db50", "4", cpu=6, queries=8),
        Row("request form: lesson", "lesson", "floor_db50", "4", cpu=6, queries=8),
        Row("send: dates", "send_dates", "floor_db50", "4b", cpu=8, queries=20),
        Row("send: the request", "submit", "floor_db50", "4b", cpu=8, queries=20),
        Row(f"desk queue, 50 rows of {requests}", "queue", "floor_db50", "5, 11", cpu=6, queries=15, kilobytes=60),
        Row(f"desk queue, {requests} ÷ {requests // 10} requests", "queue", "queue_with_tenth", tail=None),
        Row("desk: one request, 200 ambassadors", "desk_request", "floor_db50"),
        Row(f"message page with {world.MESSAGES} messages", "messages", "floor_db50"),
        Row("desk: send an offer of three days", "send_offer", "floor_db50"),
        Row(crowd.LABEL, "accept", "floor_db50"),
        Row("public figures", "reach", "floor_db50"),
        Row("directory filtered, 200 ambassadors", "directory", "floor_db50", cpu=6, queries=8),
        Row(f"directory filtered, {world.MANY_AMBASSADORS} ambassadors", "directory_of_many", "floor_db50", queries=8),
        Row(f"directory searched, {world.MANY_AMBASSADORS} ambassadors", "directory_searched", "floor_db50", queries=8),
        Row("card of an ambassador", "card", "floor_db50"),
    ]
    return [row for row in wanted if {row.subject, row.against} <= measured]
