"""Who founds a school (設置者), guessed from what the ministry's list says: founder code, kind of school, name and address.

The rules, in this order; where none fits nothing is guessed, and the desk says who it is.

1. 国立: an attached school belongs to the corporation of its university (国立大学法人○○大学), a 高等専門学校 to 国立高等専門学校機構.
2. 私立: the department of the prefecture that looks after private schools (私学担当課). Universities and 高専 are not its business.
3. 公立: the owner in the name (○○県立, ○○市立, ○○組合立) has a board of education (教育委員会). Attached schools of public
   universities belong to the corporation of the university. 専修学校, 各種学校 and こども園 belong to the prefecture or municipality
   itself, because no board of education runs them.
   A few schools of municipalities are named like those of their prefecture; they are listed below.
4. 公立 without an owner in the name: the municipality of the address runs kindergartens, elementary and junior high schools; the
   prefecture runs the others.
"""

from dataclasses import dataclass
from functools import cache

from outreach.schools.models import Board, BoardKind
from outreach.schools.naming import Owner, municipality_of, taken_apart
from outreach.schools.places import PREFECTURES, Founder, SchoolType

T = SchoolType
TERTIARY = (T.UNIVERSITY, T.JUNIOR_COLLEGE)
OF_MUNICIPALITIES = (T.KINDERGARTEN, T.CHILD_CENTRE, T.ELEMENTARY, T.JUNIOR_HIGH, T.COMPULSORY)
UNDER_NO_BOARD = (T.CHILD_CENTRE, T.VOCATIONAL, T.MISCELLANEOUS)

# University: its corporation, where this is not 国立大学法人 or 公立大学法人 and the name.
CORPORATIONS = {
    "名古屋大学": "国立大学法人東海国立大学機構",
    "岐阜大学": "国立大学法人東海国立大学機構",
    "奈良女子大学": "国立大学法人奈良国立大学機構",
    "奈良教育大学": "国立大学法人奈良国立大学機構",
    "東京芸術大学": "国立大学法人東京藝術大学",
    "東京工業大学": "国立大学法人東京科学大学",
    "兵庫県立大学": "兵庫県公立大学法人",
    "大阪公立大学": "公立大学法人大阪",
}
COLLEGES = "独立行政法人国立高等専門学校機構"
# Where a body sits whose schools lie in other prefectures as well.
SEATS = {
    COLLEGES: "13",
    "国立大学法人筑波大学": "08",
    "国立大学法人東海国立大学機構": "23",
    "国立大学法人奈良国立大学機構": "29",
}
# Public 高専 that a prefecture or city runs through a corporation.
COLLEGES_OF_CORPORATIONS = {"東京都": "東京都公立大学法人", "神戸市": "神戸市公立大学法人"}
# Names that begin with 市立 and the city itself.
CITIES_AFTER_THE_MARK = {"01": ("札幌市", "函館市")}
# Schools of a municipality whose name says nothing of it, or looks like one of the prefecture.
OF_A_MUNICIPALITY_ALL_THE_SAME = {
    ("01", "岩見沢緑陵高等学校"): "岩見沢市",
    ("01", "滝川西高等学校"): "滝川市",
    ("01", "三笠高等学校"): "三笠市",
    ("01", "士別東高等学校"): "士別市",
    ("01", "釧路北陽高等学校"): "釧路市",
    ("01", "帯広南商業高等学校"): "帯広市",
    ("01", "知内高等学校"): "知内町",
    ("01", "奥尻高等学校"): "奥尻町",
    ("01", "ニセコ高等学校"): "ニセコ町",
    ("01", "真狩高等学校"): "真狩村",
    ("01", "留寿都高等学校"): "留寿都村",
    ("01", "南富良野高等学校"): "南富良野町",
    ("01", "剣淵高等学校"): "剣淵町",
    ("01", "おといねっぷ美術工芸高等学校"): "音威子府村",
    ("01", "幌加内高等学校"): "幌加内町",
    ("01", "天売高等学校"): "羽幌町",
    ("01", "大空高等学校"): "大空町",
    ("01", "壮瞥高等学校"): "壮瞥町",
    ("01", "士幌高等学校"): "士幌町",
    ("01", "霧多布高等学校"): "浜中町",
    ("01", "中標津農業高等学校"): "中標津町",
    ("39", "高知商業高等学校"): "高知市",
}


@dataclass(frozen=True)
class Guess:
    """A body as the rules name it."""

    kind: str
    prefecture_code: str
    name_ja: str
    name_en: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return self.prefecture_code, self.name_ja

    def board(self) -> Board:
        """Not saved yet."""
        return Board(kind=self.kind, prefecture_code=self.prefecture_code, name_ja=self.name_ja, name_en=self.name_en)


def guess_founder(
    *, type_code: str, prefecture_code: str, founder_code: str, name: str, address: str = ""
) -> Guess | None:
    """Who probably founds the school; None where no rule fits."""
    if founder_code == Founder.PRIVATE:
        return None if type_code in (*TERTIARY, T.TECHNICAL_COLLEGE) else _of_private_schools(prefecture_code)
    said = taken_apart(name, prefecture_code, founder_code)
    if founder_code == Founder.NATIONAL:
        return _of_the_state(type_code, prefecture_code, said.owner_name)
    if said.owner == Owner.UNIVERSITY:
        return _body(
            BoardKind.OTHER, prefecture_code, CORPORATIONS.get(said.owner_name, f"公立大学法人{said.owner_name}")
        )
    if type_code in TERTIARY:
        return None
    if type_code == T.TECHNICAL_COLLEGE and (corporation := COLLEGES_OF_CORPORATIONS.get(said.owner_name)):
        return _body(BoardKind.OTHER, prefecture_code, corporation)
    if said.owner == Owner.UNION:
        return _of_a_municipality(type_code, prefecture_code, said.owner_name) if said.owner_name else None
    if said.owner == Owner.MUNICIPALITY:
        municipality = (
            said.owner_name
            or municipality_of(address, prefecture_code)
            or _city_after_the_mark(prefecture_code, said.own_name)
        )
        return _of_a_municipality(type_code, prefecture_code, municipality) if municipality else None
    if municipality := OF_A_MUNICIPALITY_ALL_THE_SAME.get((prefecture_code, said.own_name)):
        return _of_a_municipality(type_code, prefecture_code, municipality)
    if said.owner == Owner.PREFECTURE:
        return _of_a_prefecture(type_code, prefecture_code)
    if type_code in OF_MUNICIPALITIES:
        municipality = municipality_of(address, prefecture_code)
        return _of_a_municipality(type_code, prefecture_code, municipality) if municipality else None
    return None if type_code in UNDER_NO_BOARD else _of_a_prefecture(type_code, prefecture_code)


def _city_after_the_mark(prefecture_code: str, own_name: str) -> str:
    """札幌市 for 市立札幌旭丘高等学校."""
    cities = CITIES_AFTER_THE_MARK.get(prefecture_code, ())
    return next((city for city in cities if own_name.startswith(city.removesuffix("市"))), "")


def _of_the_state(type_code: str, prefecture_code: str, university: str) -> Guess | None:
    if type_code == T.TECHNICAL_COLLEGE:
        corporation = COLLEGES
    elif university:
        corporation = CORPORATIONS.get(university, f"国立大学法人{university}")
    else:
        return None
    return _body(BoardKind.NATIONAL, SEATS.get(corporation, prefecture_code), corporation)


@cache
def _of_private_schools(prefecture_code: str) -> Guess:
    name, _reading, english = PREFECTURES[prefecture_code]
    return Guess(BoardKind.PRIVATE_AFFAIRS, prefecture_code, f"{name}私学担当課", f"{english} Private School Division")


@cache
def _of_a_prefecture(type_code: str, prefecture_code: str) -> Guess:
    name, _reading, english = PREFECTURES[prefecture_code]
    if type_code in UNDER_NO_BOARD:
        return Guess(BoardKind.OTHER, prefecture_code, name, english)
    return Guess(
        BoardKind.PREFECTURE, prefecture_code, f"{name}教育委員会", f"{english} Prefectural Board of Education"
    )


def _of_a_municipality(type_code: str, prefecture_code: str, municipality: str) -> Guess:
    if type_code in UNDER_NO_BOARD:
        return _body(BoardKind.OTHER, prefecture_code, municipality)
    return _body(BoardKind.MUNICIPALITY, prefecture_code, f"{municipality}教育委員会")


@cache
def _body(kind: str, prefecture_code: str, name: str) -> Guess:
    return Guess(kind, prefecture_code, name)


def kind_by_name(name: str) -> str:
    """Which kind of body a name such as 横浜市教育委員会 stands for."""
    if name.endswith("教育委員会"):
        whose = name.removesuffix("教育委員会")
        is_prefecture = any(whose == names[0] for names in PREFECTURES.values())
        return BoardKind.PREFECTURE if is_prefecture else BoardKind.MUNICIPALITY
    if "私学" in name:
        return BoardKind.PRIVATE_AFFAIRS
    return BoardKind.NATIONAL if name.startswith(("国立大学法人", "独立行政法人国立")) else BoardKind.OTHER
