"""文章の点検: what an editor is told to look at again."""

import pytest

from pages.checks import findings
from tests.pages.conftest import home, prose

pytestmark = pytest.mark.django_db


def advice(plain, html: str) -> list[tuple[str, str]]:
    page = plain("checked", "点検", body=prose(html))
    return [(finding.place, finding.advice) for finding in findings(page)]


@pytest.mark.parametrize(
    ("html", "place", "words"),
    [
        ("<p>ﾒｰﾙで送る</p>", "ﾒｰﾙ", "半角カナは「メール」と"),
        ("<p>ＷｅｂとＡ４</p>", "Ｗｅｂ", "英数字は半角で「Web」"),
        ("<p>　日　時　12月15日（火）</p>", "日　時", "「日時」と書いてください"),
        ("<p>締切りは12月15日です。</p>", "12月15日", "曜日を付けて"),
        (
            "<p>2026年12月15日（月）に行います。</p>",
            "2026年12月15日（月）",
            "曜日がちがいます。2026年12月15日（火）です。",
        ),
        ("<p>令和8年12月15日（水）に行います。</p>", "令和8年12月15日（水）", "曜日がちがいます"),
        ("<p>2026年2月30日（月）に行います。</p>", "2026年2月30日（月）", "この日はありません"),
        ("<p>㈱星見</p>", "㈱星見", "「(株)」"),
        ("<p>来てください！</p>", "来てください！", "感嘆符"),
        ('<p>くわしくは<a href="/help/">こちら</a></p>', "こちら", "行き先が分かるように"),
        ("<p>https://www.example.jp/very/long/</p>", "https://www.example.jp/v", "行き先の名前をリンクに"),
        ("<p>外字\ue123です</p>", "外字\ue123です", "外字は"),
        ("<h3>いきなり小さな見出し</h3>", "見出し3", "見出し2を使って"),
        (
            "<p>" + "とても長い文が続く" * 10 + "。</p>",
            "とても長い文が続くとても長い文が続くとても長い文…",
            "91字あります",
        ),
    ],
)
def test_it_is_found_and_told_what_to_do(html, place, words, plain):
    found = advice(plain, html)
    assert [words in said for where, said in found if where == place] == [True]


@pytest.mark.parametrize(
    "html",
    [
        "<h2>見出し</h2><h3>次</h3><p>2026年12月15日（火）と、12月16日（水）に行います。</p>",
        "<p>令和8年12月15日（火・祝）です。Webで、A4の紙に。</p>",
        '<p><a href="/help/">使い方を読む</a></p>',
        "<p>髙橋、山﨑、𠮷野です。</p>",
    ],
)
def test_a_good_text_is_left_in_peace(html, plain):
    assert advice(plain, html) == []


def test_the_home_page_of_the_house_says_nothing_amiss():
    assert findings(home()) == []


def test_english_is_not_judged_by_japanese_rules():
    english = home("en")
    english.lead = "Held on 12月15日! Really!"
    assert findings(english) == []
