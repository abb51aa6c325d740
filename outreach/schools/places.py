"""The 47 prefectures (JIS X 0401), the kinds of school (学校コード) and who attends them, as facts."""

import functools
import math

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

# code: (Japanese, reading, English). JIS X 0401.
PREFECTURES = {
    "01": ("北海道", "ほっかいどう", "Hokkaido"),
    "02": ("青森県", "あおもりけん", "Aomori"),
    "03": ("岩手県", "いわてけん", "Iwate"),
    "04": ("宮城県", "みやぎけん", "Miyagi"),
    "05": ("秋田県", "あきたけん", "Akita"),
    "06": ("山形県", "やまがたけん", "Yamagata"),
    "07": ("福島県", "ふくしまけん", "Fukushima"),
    "08": ("茨城県", "いばらきけん", "Ibaraki"),
    "09": ("栃木県", "とちぎけん", "Tochigi"),
    "10": ("群馬県", "ぐんまけん", "Gunma"),
    "11": ("埼玉県", "さいたまけん", "Saitama"),
    "12": ("千葉県", "ちばけん", "Chiba"),
    "13": ("東京都", "とうきょうと", "Tokyo"),
    "14": ("神奈川県", "かながわけん", "Kanagawa"),
    "15": ("新潟県", "にいがたけん", "Niigata"),
    "16": ("富山県", "とやまけん", "Toyama"),
    "17": ("石川県", "いしかわけん", "Ishikawa"),
    "18": ("福井県", "ふくいけん", "Fukui"),
    "19": ("山梨県", "やまなしけん", "Yamanashi"),
    "20": ("長野県", "ながのけん", "Nagano"),
    "21": ("岐阜県", "ぎふけん", "Gifu"),
    "22": ("静岡県", "しずおかけん", "Shizuoka"),
    "23": ("愛知県", "あいちけん", "Aichi"),
    "24": ("三重県", "みえけん", "Mie"),
    "25": ("滋賀県", "しがけん", "Shiga"),
    "26": ("京都府", "きょうとふ", "Kyoto"),
    "27": ("大阪府", "おおさかふ", "Osaka"),
    "28": ("兵庫県", "ひょうごけん", "Hyogo"),
    "29": ("奈良県", "ならけん", "Nara"),
    "30": ("和歌山県", "わかやまけん", "Wakayama"),
    "31": ("鳥取県", "とっとりけん", "Tottori"),
    "32": ("島根県", "しまねけん", "Shimane"),
    "33": ("岡山県", "おかやまけん", "Okayama"),
    "34": ("広島県", "ひろしまけん", "Hiroshima"),
    "35": ("山口県", "やまぐちけん", "Yamaguchi"),
    "36": ("徳島県", "とくしまけん", "Tokushima"),
    "37": ("香川県", "かがわけん", "Kagawa"),
    "38": ("愛媛県", "えひめけん", "Ehime"),
    "39": ("高知県", "こうちけん", "Kochi"),
    "40": ("福岡県", "ふくおかけん", "Fukuoka"),
    "41": ("佐賀県", "さがけん", "Saga"),
    "42": ("長崎県", "ながさきけん", "Nagasaki"),
    "43": ("熊本県", "くまもとけん", "Kumamoto"),
    "44": ("大分県", "おおいたけん", "Oita"),
    "45": ("宮崎県", "みやざきけん", "Miyazaki"),
    "46": ("鹿児島県", "かごしまけん", "Kagoshima"),
    "47": ("沖縄県", "おきなわけん", "Okinawa"),
}


# Latitude and longitude of each prefecture's office in degrees, in the order of the codes.
_OFFICES = (
    (43.06, 141.35), (40.82, 140.74), (39.70, 141.15), (38.27, 140.87), (39.72, 140.10), (38.24, 140.36),
    (37.75, 140.47), (36.34, 140.45), (36.57, 139.88), (36.39, 139.06), (35.86, 139.65), (35.60, 140.12),
    (35.69, 139.69), (35.45, 139.64), (37.90, 139.02), (36.70, 137.21), (36.59, 136.63), (36.07, 136.22),
    (35.66, 138.57), (36.65, 138.18), (35.39, 136.72), (34.98, 138.38), (35.18, 136.91), (34.73, 136.51),
    (35.00, 135.87), (35.02, 135.76), (34.69, 135.52), (34.69, 135.18), (34.69, 135.83), (34.23, 135.17),
    (35.50, 134.24), (35.47, 133.05), (34.66, 133.93), (34.40, 132.46), (34.19, 131.47), (34.07, 134.56),
    (34.34, 134.04), (33.84, 132.77), (33.56, 133.53), (33.61, 130.42), (33.25, 130.30), (32.74, 129.87),
    (32.79, 130.74), (33.24, 131.61), (31.91, 131.42), (31.56, 130.56), (26.21, 127.68),
)  # fmt: skip
_EARTH_KM = 6371


@functools.cache
def km_between(first: str, second: str) -> int | None:
    """The great circle between the offices of two prefectures in km, rounded; None where one of them is not known."""
    if first not in PREFECTURES or second not in PREFECTURES:
        return None
    (north, east), (far_north, far_east) = (
        tuple(math.radians(degrees) for degrees in _OFFICES[int(code) - 1]) for code in (first, second)
    )
    half = (
        math.sin((far_north - north) / 2) ** 2
        + math.cos(north) * math.cos(far_north) * math.sin((far_east - east) / 2) ** 2
    )
    return round(2 * _EARTH_KM * math.asin(math.sqrt(half)))


def prefecture_name(code: str) -> str:
    names = PREFECTURES.get(code)
    if names is None:
        return ""
    return names[2] if (get_language() or "ja").startswith("en") else names[0]


def prefecture_choices() -> list[tuple[str, str]]:
    return [(code, prefecture_name(code)) for code in PREFECTURES]


class SchoolType(models.TextChoices):
    """The first two characters of a 学校コード."""

    KINDERGARTEN = "A1", _("幼稚園")
    CHILD_CENTRE = "A2", _("幼保連携型認定こども園")
    ELEMENTARY = "B1", _("小学校")
    JUNIOR_HIGH = "C1", _("中学校")
    COMPULSORY = "C2", _("義務教育学校")
    HIGH = "D1", _("高等学校")
    SECONDARY = "D2", _("中等教育学校")
    SPECIAL_NEEDS = "E1", _("特別支援学校")
    UNIVERSITY = "F1", _("大学")
    JUNIOR_COLLEGE = "F2", _("短期大学")
    TECHNICAL_COLLEGE = "G1", _("高等専門学校")
    VOCATIONAL = "H1", _("専修学校")
    MISCELLANEOUS = "H2", _("各種学校")


class Stage(models.TextChoices):
    """Whom a lesson reaches: the pupils' stage, not the kind of school."""

    ELEMENTARY = "elementary", _("小学生")
    JUNIOR_HIGH = "junior_high", _("中学生")
    HIGH = "high", _("高校生")
    TECHNICAL_COLLEGE = "technical_college", _("高専（1–3年）")
    TECHNICAL_COLLEGE_UPPER = "technical_college_upper", _("高専（4・5年）")
    VOCATIONAL_UPPER = "vocational_upper", _("専修学校高等課程")
    OTHER = "other", _("その他")


class Founder(models.TextChoices):
    NATIONAL = "1", _("国立")
    PUBLIC = "2", _("公立")
    PRIVATE = "3", _("私立")


class Course(models.TextChoices):
    """課程・学科 of a group."""

    FULL_TIME = "full_time", _("全日制")
    PART_TIME = "part_time", _("定時制")
    CORRESPONDENCE = "correspondence", _("通信制")
    NONE = "", _("区別なし")


def _grades(stage: Stage, last: int, word: str = "") -> tuple[tuple[Stage, int, str], ...]:
    return tuple((stage, grade, word) for grade in range(1, last + 1))


# (stage, grade within the division, name of the division where a school has several)
GRADES = {
    SchoolType.ELEMENTARY: _grades(Stage.ELEMENTARY, 6),
    SchoolType.JUNIOR_HIGH: _grades(Stage.JUNIOR_HIGH, 3),
    SchoolType.COMPULSORY: _grades(Stage.ELEMENTARY, 6, _("前期")) + _grades(Stage.JUNIOR_HIGH, 3, _("後期")),
    SchoolType.HIGH: _grades(Stage.HIGH, 4),
    SchoolType.SECONDARY: _grades(Stage.JUNIOR_HIGH, 3, _("前期")) + _grades(Stage.HIGH, 3, _("後期")),
    SchoolType.SPECIAL_NEEDS: (
        _grades(Stage.ELEMENTARY, 6, _("小学部"))
        + _grades(Stage.JUNIOR_HIGH, 3, _("中学部"))
        + _grades(Stage.HIGH, 3, _("高等部"))
    ),
    SchoolType.TECHNICAL_COLLEGE: (
        _grades(Stage.TECHNICAL_COLLEGE, 3) + tuple((Stage.TECHNICAL_COLLEGE_UPPER, grade, "") for grade in (4, 5))
    ),
    SchoolType.VOCATIONAL: _grades(Stage.VOCATIONAL_UPPER, 3),
}
OTHER_GRADES = ((Stage.OTHER, 0, ""),)

# What a pupil is called on paper (児童生徒の呼び方).
PUPIL_WORDS = {
    Stage.ELEMENTARY: _("児童"),
    Stage.TECHNICAL_COLLEGE: _("学生"),
    Stage.TECHNICAL_COLLEGE_UPPER: _("学生"),
}


def grades_of(school_type: str) -> tuple[tuple[Stage, int, str], ...]:
    """Every grade a school of this kind can have: (stage, grade, division)."""
    return GRADES.get(school_type, OTHER_GRADES)


def check_digit_is_usual(school_code: str) -> bool:
    """Whether the last digit follows the rule of most codes; recent codes may not: a warning, never an error.

    The rule, derived from the published list: letters count as their place in the alphabet, values in odd places from
    the left are doubled, decimal digits are summed, and the last digit fills up to ten.
    """
    values = [int(mark) if mark.isdigit() else ord(mark) - ord("A") + 1 for mark in school_code[:-1]]
    products = [value * 2 if place % 2 == 0 else value for place, value in enumerate(values)]
    total = sum(int(digit) for product in products for digit in str(product))
    return (10 - total % 10) % 10 == int(school_code[-1])
