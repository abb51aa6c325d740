"""What the ministry's name of a school says about its owner, and what an address says about its municipality.

Names in the list mostly begin with the owner: 青森県立青森高等学校, 横浜市立東高等学校, 市立札幌旭丘高等学校. Three prefectures
leave out 立: 北海道札幌西高等学校, 宮城県泉高等学校, 長野県上田高等学校. People type the name without its owner.
"""

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from outreach.schools.places import PREFECTURES, Founder


class Owner(Enum):
    """Which kind of owner a name begins with."""

    PREFECTURE = "都道府県"
    MUNICIPALITY = "市区町村"
    UNION = "組合"
    UNIVERSITY = "大学"
    UNSAID = ""


@dataclass(frozen=True)
class SchoolName:
    """A name taken apart: who owns the school as far as the name says, and what it is called without them."""

    owner: Owner
    owner_name: str
    own_name: str


# Municipalities that hold the very mark by which an owner is known.
_WITH_MARK_INSIDE = "立川市|日立市|立科町|立山町"
_MUNICIPALITY = re.compile(rf"((?:{_WITH_MARK_INSIDE})|[^立]{{1,12}}?[市区町村])立(?=.)")
_UNION = re.compile(r"([^立]{2,20}?(?:組合|連合|企業団))立(?=.)")
_UNNAMED = re.compile(r"[市区町村]立(?=.)")
_UNIVERSITY = re.compile(r"(.{2,20}?大学)(?:.{0,20}?[附付]属|(?=工業高等専門学校))")
_COUNTY = re.compile(r"(.{1,6}?郡)(.+[町村])")

# Cities whose name holds 郡 or a second 市: the plain rules would cut them in two.
_UNUSUAL_CITIES = ("大和郡山市", "郡山市", "郡上市", "蒲郡市", "小郡市", "四日市市", "廿日市市", "野々市市")
_AFTER_COUNTY = re.compile(r".{1,6}?郡(.{1,7}?[町村])(?![町村])")
_WARD = re.compile(r"([^市町村]{1,4}?区)")
_CITY = re.compile(r"(.{1,6}?市)")
_ON_AN_ISLAND = re.compile(r"(?:三宅島|八丈島)?(.{1,6}?[町村])(?![町村])")


@lru_cache(maxsize=4_096)
def taken_apart(name: str, prefecture_code: str, founder_code: str) -> SchoolName:
    """The owner that the name begins with. A private school's name never says one, whatever place it begins with."""
    name = "".join(name.split())
    if founder_code != Founder.PUBLIC:
        found = _UNIVERSITY.match(name) if founder_code == Founder.NATIONAL else None
        return SchoolName(Owner.UNIVERSITY, found[1], name) if found else SchoolName(Owner.UNSAID, "", name)
    prefecture = PREFECTURES[prefecture_code][0]
    if found := _UNNAMED.match(name):
        return SchoolName(Owner.MUNICIPALITY, "", name[found.end() :])
    for rest in (name.removeprefix(prefecture), name):
        if found := _UNION.match(rest):
            return SchoolName(Owner.UNION, found[1], rest[found.end() :])
        if found := _MUNICIPALITY.match(rest):
            return SchoolName(Owner.MUNICIPALITY, without_county(found[1]), rest[found.end() :])
    if found := _UNIVERSITY.match(name):
        return SchoolName(Owner.UNIVERSITY, found[1], name)
    for start, owner in ((f"{prefecture}公立", Owner.UNION), (f"{prefecture}立", Owner.PREFECTURE), (prefecture, Owner.PREFECTURE)):  # fmt: skip
        if name.startswith(start) and len(name) > len(start):
            owner_name = prefecture if owner == Owner.PREFECTURE else ""
            return SchoolName(owner, owner_name, name[len(start) :])
    return SchoolName(Owner.UNSAID, "", name)


def without_county(municipality: str) -> str:
    """剣淵町 for 上川郡剣淵町; a city has no county."""
    found = _COUNTY.fullmatch(municipality)
    return found[2] if found else municipality


def municipality_of(address: str, prefecture_code: str) -> str:
    """札幌市 for 北海道札幌市西区…, 新宿区 for 東京都新宿区…, or "" where the address does not say."""
    names = PREFECTURES.get(prefecture_code)
    rest = "".join(address.split()).removeprefix(names[0] if names else "")
    for city in _UNUSUAL_CITIES:
        if rest.startswith(city):
            return city
    if prefecture_code == "13" and (found := _WARD.match(rest)):
        return found[1]
    for pattern in (_AFTER_COUNTY, _CITY, _ON_AN_ISLAND):
        if found := pattern.match(rest):
            return found[1]
    return ""
