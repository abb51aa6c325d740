"""The ministry's list taken over and searched, at the size of the whole country; beside it one row by its index.

The list is written here, as the ministry publishes it: two parts in cp932 with a title and a header broken over lines.
"""

import random
import re
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from outreach.models import School
from outreach.schools.forms import SchoolSearchForm
from outreach.schools.importing import PUBLISHED, import_schools
from outreach.schools.places import PREFECTURES, check_digit_is_usual
from tests import scratch
from tests.bench.servers import CannotMeasure

LOOKS = 12
MUNICIPALITIES = 40  # of each prefecture
MARKS = "東西南北中桜松竹梅川山谷原野森林泉橋里"
# (first characters of the code, as the list says it, end of the name, whether a municipality runs it)
KINDS = (
    ("A1", "幼稚園", "幼稚園", True),
    ("B1", "小学校", "小学校", True),
    ("B1", "小学校", "小学校", True),
    ("C1", "中学校", "中学校", True),
    ("D1", "高校", "高等学校", False),
    ("E1", "養護", "支援学校", False),
)
BROKEN = {"都道府県番号": "都道府県\n番号", "設置区分": "設置\n区分", "本分校": "本分\n校"}
SEARCHES = {
    "a name, in the whole country": {"name": "川山谷"},
    "half a country's names": {"name": "高校"},
    "a name nobody has": {"name": "ぬぬぬ"},
    "a name, in a prefecture": {"name": "川山", "prefecture": "13"},
    "a prefecture": {"prefecture": "13"},
}
Line = tuple[str, ...]


def written(count: int, seed: int) -> list[Path]:
    """The two parts of a list of so many invented schools."""
    dice = random.Random(seed)
    columns = [f'"{BROKEN[name]}"' if name in BROKEN else name for name in [*PUBLISHED][:10] + ["旧学校調査番号", "移行後の学校コード"]]  # fmt: skip
    head = "学校コード一覧,,,,,,,,,,,\r\n" + ",".join(columns)
    parts: dict[bool, list[str]] = {True: [head], False: [head]}
    codes = list(PREFECTURES)
    before = ""
    for number in range(count):
        kind, said, end, is_municipal = KINDS[number % len(KINDS)]
        prefecture = codes[number % len(codes)]
        name = PREFECTURES[prefecture][0]
        founder = "3" if number % 11 == 0 else "2"
        start = f"{kind}{prefecture}{founder}{number:07d}"
        code = next(one for digit in range(10) if check_digit_is_usual(one := f"{start}{digit}"))
        place = number // len(codes) % MUNICIPALITIES
        city = f"{MARKS[place % len(MARKS)]}{MARKS[place // len(MARKS)]}架市"
        owner = "" if founder == "3" else f"{city if is_municipal else name}立"
        is_closed = number % 40 == 39
        cells = (
            code,
            f"{kind}({said})",
            f"{prefecture}({name})",
            "3(私)" if founder == "3" else "2(公)",
            "9(廃)" if is_closed else "1(本)",
            f"{owner}{''.join(dice.choices(MARKS, k=3))}{end}",
            f"{name}{city}{dice.choice(MARKS)}町{number % 30 + 1}-{number % 19 + 1}",
            f"{number:07d}",
            "2021/05/01",
            "2024/03/31" if is_closed else "",
            f"{number:06d}",
            before if is_closed else "",
        )
        parts[int(prefecture) < 25].append(",".join(cells))
        before = code
    paths = []
    for name, rows in (("east.csv", parts[True]), ("west.csv", parts[False])):
        path = scratch.folder() / name
        path.write_bytes(("\r\n".join(rows) + "\r\n").encode("cp932"))
        paths.append(path)
    return paths


def _spent(act: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of the processor where the database works in this process, else waited."""
    clock = time.process_time if connection.vendor == "sqlite" else time.perf_counter
    began = clock()
    done = act()
    return clock() - began, done


def take_over(count: int, seed: int) -> list[Line]:
    paths = written(count, seed)
    lines = []
    for label, wanted in (("first import", (count, 0)), ("the same once more", (0, 0))):
        with CaptureQueriesContext(connection) as seen:
            seconds, tally = _spent(partial(import_schools, *paths))
        if (tally.new, tally.changed, tally.bad) != (*wanted, 0):
            raise CannotMeasure(f"{label}: {tally}")
        lines.append((label, "", f"{seconds * 1000:.0f}", str(len(seen))))
    return lines


def search(seed: int) -> list[Line]:
    codes = random.Random(seed).sample(list(School.objects.order_by().values_list("school_code", flat=True)), LOOKS)
    bare = statistics.median(_spent(lambda code=code: School.objects.get(school_code=code))[0] for code in codes)
    lines = [("one school by its code, through the ORM", "1.0", f"{bare * 1000:.2f}", "1")]
    for label, asked in SEARCHES.items():
        with CaptureQueriesContext(connection) as seen:
            _answer(asked)
        waits = [_spent(partial(_answer, asked))[0] for _look in range(LOOKS)]
        indexes = ", ".join(sorted(_indexes([query["sql"] for query in seen]))) or "no index"
        wait = statistics.median(waits)
        lines.append((f"{label}: {indexes}", f"{wait / bare:.1f}", f"{wait * 1000:.1f}", str(len(seen))))
    return lines


def _answer(asked: dict[str, str]) -> None:
    """What the page of the school picker asks for."""
    form = SchoolSearchForm(asked)
    if not form.was_asked():
        raise CannotMeasure(f"{asked}: {form.errors}")
    form.found()
    form.found_closed()


def _indexes(sentences: list[str]) -> set[str]:
    """The indexes that the database says it would use."""
    said = ""
    with connection.cursor() as cursor:
        for sql in sentences:
            cursor.execute(f"EXPLAIN {'QUERY PLAN' if connection.vendor == 'sqlite' else ''} {sql}")
            said += " ".join(str(part) for row in cursor.fetchall() for part in row) + " "
    return set(re.findall(r"(?:USING (?:COVERING )?INDEX|Index (?:Only )?Scan using|Index Scan on) (\w+)", said))


def measure(count: int, seed: int) -> list[Line]:
    """The table."""
    head = (f"{count:,} schools", "÷ bare", "ms", "queries")
    lines = take_over(count, seed)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE outreach_school")
    return [head, *lines, *search(seed)]
