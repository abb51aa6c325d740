"""The invented boards and schools in all 47 prefectures."""

import datetime as dt
import random
import uuid
from collections.abc import Iterator

from demo.names import FIRST_HALVES, SECOND_HALVES
from outreach.schools.models import BellTime, Board, BoardKind, BoardSource, Route, School, keys_of
from outreach.schools.places import PREFECTURES, Founder, SchoolType, Stage, check_digit_is_usual

T, F = SchoolType, Founder

# How many schools a prefecture has in the whole world, where it is not three; and in the small one, where it is any.
MORE_SCHOOLS = {"01": 5, "11": 5, "12": 4, "13": 8, "14": 5, "22": 4, "23": 5, "26": 4, "27": 6, "28": 4, "40": 4}
FEW_SCHOOLS = {"01": 1, "13": 3, "20": 1, "23": 1, "27": 2, "28": 1, "32": 1, "40": 1, "47": 1}

# The first three schools of every prefecture; then more high schools.
SECOND_OF_A_PREFECTURE = (T.HIGH, T.HIGH, T.JUNIOR_HIGH, T.HIGH, T.SECONDARY)
THIRD_OF_A_PREFECTURE = (T.JUNIOR_HIGH, T.ELEMENTARY, T.TECHNICAL_COLLEGE, T.HIGH, T.SPECIAL_NEEDS, T.VOCATIONAL,
                         T.COMPULSORY)  # fmt: skip
FURTHER = (T.HIGH, T.JUNIOR_HIGH, T.HIGH, T.SECONDARY, T.ELEMENTARY)
# What stands where in both sizes, because accounts and tests name it.
FIXED_TYPES = {("13", 0): T.HIGH, ("13", 1): T.HIGH, ("13", 2): T.ELEMENTARY, ("27", 0): T.SECONDARY,
               ("27", 1): T.JUNIOR_HIGH, ("20", 0): T.JUNIOR_HIGH, ("23", 0): T.SPECIAL_NEEDS, ("28", 0): T.TECHNICAL_COLLEGE,
               ("40", 0): T.VOCATIONAL}  # fmt: skip
# Of the teacher and of the teacher of the other school.
SCHOOL_OF_THE_TEACHER, SCHOOL_OF_THE_OTHER_TEACHER = ("13", 0), ("27", 0)
FIXED_NAMES = {SCHOOL_OF_THE_TEACHER: (0, 0), SCHOOL_OF_THE_OTHER_TEACHER: (2, 0)}
REMOTE = {("01", 0), ("32", 0), ("47", 0), ("42", 1), ("46", 2), ("03", 1), ("39", 1), ("05", 2), ("13", 7), ("15", 2)}
# (stage, first bell, minutes of a lesson, of a break, how many periods)
BELLS_OF_THEIR_OWN = {
    ("11", 0): (Stage.HIGH, dt.time(9, 0), 45, 10, 7),
    ("14", 0): (Stage.HIGH, dt.time(8, 40), 65, 10, 5),
    ("26", 0): (Stage.HIGH, dt.time(8, 30), 50, 10, 8),
    ("34", 0): (Stage.HIGH, dt.time(8, 45), 50, 10, 6),
}
CRAFTS = (("水産", "すいさん", "Fisheries"), ("農業", "のうぎょう", "Agricultural"), ("工業", "こうぎょう", "Technical"),
          ("商業", "しょうぎょう", "Commercial"), ("総合", "そうごう", "Comprehensive"))  # fmt: skip

# (Japanese, reading, English) that follows the name of the place
KINDS = {
    T.ELEMENTARY: ("小学校", "しょうがっこう", "Elementary School"),
    T.JUNIOR_HIGH: ("中学校", "ちゅうがっこう", "Junior High School"),
    T.COMPULSORY: ("義務教育学校", "ぎむきょういくがっこう", "Compulsory Education School"),
    T.HIGH: ("高等学校", "こうとうがっこう", "High School"),
    T.SECONDARY: ("中等教育学校", "ちゅうとうきょういくがっこう", "Secondary School"),
    T.SPECIAL_NEEDS: ("支援学校", "しえんがっこう", "Special Needs School"),
    T.TECHNICAL_COLLEGE: ("高等専門学校", "こうとうせんもんがっこう", "College of Technology"),
    T.VOCATIONAL: ("高等専修学校", "こうとうせんしゅうがっこう", "Upper Secondary Vocational School"),
}
OF_A_MUNICIPALITY = (T.ELEMENTARY, T.JUNIOR_HIGH, T.COMPULSORY)
# Boards that pass requests on first (経由): board@ speaks for the first of them, for the other one nobody does.
PASSED_ON_BY_BOARD, PASSED_ON_IN_SILENCE = ("13", BoardKind.MUNICIPALITY), ("22", BoardKind.MUNICIPALITY)
NATIONAL_BOARD = "国立工業高等専門学校連合"
FIRST_NUMBER = 9_900_001  # no real code of the ministry's list lies this high


def school_code(type_code: str, prefecture: str, founder: str, number: int) -> str:
    start = f"{type_code}{prefecture}{founder}{number:07d}"
    return next(code for digit in range(10) if check_digit_is_usual(code := f"{start}{digit}"))


def seeded_uuid(rng: random.Random) -> uuid.UUID:
    return uuid.UUID(int=rng.getrandbits(128), version=4)


def city_of(prefecture: str) -> tuple[str, str, str]:
    """The invented municipality of a prefecture."""
    name, kana, english = FIRST_HALVES[int(prefecture) * 7 % len(FIRST_HALVES)]
    return f"{name}市", f"{kana}し", english


def made_boards(rng: random.Random, *, few: bool) -> list[Board]:
    """Unsaved: a prefectural board, the department for private schools and one municipal board per prefecture.

    In the whole world two of them pass requests on.
    """
    routes = {} if few else dict.fromkeys((PASSED_ON_BY_BOARD, PASSED_ON_IN_SILENCE), Route.VIA)
    boards = [
        Board(
            public_id=seeded_uuid(rng),
            prefecture_code=code,
            kind=kind,
            name_ja=name_ja,
            name_en=name_en,
            route=routes.get((code, kind), Route.DIRECT),
        )
        for code, (name, _reading, english) in PREFECTURES.items()
        for kind, name_ja, name_en in (
            (BoardKind.PREFECTURE, f"{name}教育委員会", f"{english} Prefectural Board of Education"),
            (BoardKind.PRIVATE_AFFAIRS, f"{name}私学担当課", f"{english} Private School Division"),
            (BoardKind.MUNICIPALITY, f"{city_of(code)[0]}教育委員会", f"{city_of(code)[2]} City Board of Education"),
        )
    ]
    return [
        *boards,
        Board(
            public_id=seeded_uuid(rng),
            prefecture_code="13",
            kind=BoardKind.NATIONAL,
            name_ja=NATIONAL_BOARD,
            name_en="Union of National Colleges of Technology",
        ),
    ]


def founder_of(kind: SchoolType, place: int) -> Founder:
    if kind == T.TECHNICAL_COLLEGE:
        return F.NATIONAL
    return F.PRIVATE if kind == T.VOCATIONAL or (kind in (T.HIGH, T.SECONDARY) and place % 3 == 1) else F.PUBLIC


def board_kind_of(kind: SchoolType, founder: Founder) -> BoardKind:
    if founder == F.NATIONAL:
        return BoardKind.NATIONAL
    if founder == F.PRIVATE:
        return BoardKind.PRIVATE_AFFAIRS
    return BoardKind.MUNICIPALITY if kind in OF_A_MUNICIPALITY else BoardKind.PREFECTURE


def types_of(prefecture: str, count: int) -> Iterator[SchoolType]:
    number = int(prefecture)
    usual = [T.HIGH, SECOND_OF_A_PREFECTURE[number % len(SECOND_OF_A_PREFECTURE)],
             THIRD_OF_A_PREFECTURE[number % len(THIRD_OF_A_PREFECTURE)], *FURTHER]  # fmt: skip
    for place in range(count):
        yield FIXED_TYPES.get((prefecture, place), usual[place])


def made_schools(rng: random.Random, boards: list[Board], *, few: bool) -> dict[tuple[str, int], School]:
    """Unsaved, by prefecture and place in it. The same place holds the same school in both sizes."""
    by_kind = {(board.prefecture_code, board.kind): board for board in boards}
    halves = [(first, second) for second in range(len(SECOND_HALVES)) for first in range(len(FIRST_HALVES))]
    free = [pair for pair in halves if pair not in FIXED_NAMES.values()]
    rng.shuffle(free)
    schools = {}
    for code in PREFECTURES:
        whole = MORE_SCHOOLS.get(code, 3)
        for place, kind in enumerate(types_of(code, whole)):
            pair = FIXED_NAMES.get((code, place)) or free.pop()
            school = _school(rng, code, place, kind, pair, by_kind)
            if not few or place < FEW_SCHOOLS.get(code, 0):
                schools[code, place] = school
    return schools


def _school(rng: random.Random, code: str, place: int, kind: SchoolType, pair: tuple[int, int], boards: dict) -> School:
    first, second = FIRST_HALVES[pair[0]], SECOND_HALVES[pair[1]]
    stem = tuple(a + b for a, b in zip(first, second, strict=True))
    prefecture = PREFECTURES[code]
    founder = founder_of(kind, place)
    board_kind = board_kind_of(kind, founder)
    craft = (
        CRAFTS[int(code) % len(CRAFTS)] if kind == T.HIGH and place in (1, 2, 5) and founder == F.PUBLIC else ("",) * 3
    )
    before, before_kana = _owner(code, board_kind)
    middle = ("学園", "がくえん", " Gakuen") if founder == F.PRIVATE else ("",) * 3
    word, word_kana, word_en = KINDS[kind]
    number = FIRST_NUMBER + int(code) * 100 + place
    name_ja = f"{before}{stem[0]}{craft[0]}{middle[0]}{word}"
    name_kana = f"{before_kana}{stem[1]}{craft[1]}{middle[1]}{word_kana}"
    name_en = " ".join(f"{stem[2]}{middle[2]} {craft[2]} {word_en}".split())
    city = city_of(code)[0]
    search_text, name_key = keys_of(name_ja, name_kana, name_en, code, founder)
    return School(
        public_id=seeded_uuid(rng),
        school_code=school_code(kind, code, founder, number),
        type_code=kind,
        prefecture_code=code,
        founder_code=founder,
        name_ja=name_ja,
        name_kana=name_kana,
        name_en=name_en,
        # bulk_create does not call save(), which would fill this.
        search_text=search_text,
        name_key=name_key,
        postal_code=f"000-{int(code):02d}{place:02d}",
        address=f"{prefecture[0]}{city}{stem[0]}{rng.randint(1, 5)}-{rng.randint(1, 20)}-{rng.randint(1, 20)}",
        main_phone=f"00-0000-{int(code):02d}{place:02d}",
        main_mail=f"school-{int(code):02d}{place:02d}@demo.example",
        board=boards["13" if board_kind == BoardKind.NATIONAL else code, board_kind],
        board_source=BoardSource.DESK if (code, place) in FIXED_NAMES else BoardSource.GUESSED,
        is_remote=(code, place) in REMOTE,
        may_be_named=rng.random() < 0.5,
    )


def made_bell_times(schools: dict[tuple[str, int], School]) -> list[BellTime]:
    """Unsaved: a few schools ring at hours of their own."""
    bells = []
    for key, (stage, begins, lesson, pause, periods) in BELLS_OF_THEIR_OWN.items():
        if (school := schools.get(key)) is None:
            continue
        moment = dt.datetime.combine(dt.date.min, begins)
        for period in range(1, periods + 1):
            ends = moment + dt.timedelta(minutes=lesson)
            bells.append(
                BellTime(school=school, stage=stage, period=period, starts_at=moment.time(), ends_at=ends.time())
            )
            # The long break lies after the fourth period.
            moment = ends + dt.timedelta(minutes=50 if period == 4 else pause)
    return bells


def _owner(code: str, board_kind: BoardKind) -> tuple[str, str]:
    """What the list of the ministry writes before the name: 東京都立, 北海道, 虹架市立."""
    name, reading, _english = PREFECTURES[code]
    if board_kind == BoardKind.PREFECTURE:
        return (name, reading) if code == "01" else (f"{name}立", f"{reading}りつ")
    if board_kind == BoardKind.MUNICIPALITY:
        city, city_kana, _english = city_of(code)
        return f"{city}立", f"{city_kana}りつ"
    return "", ""
