"""What a word processor brings along stays out, and no word is lost by it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wagtail.rich_text import RichText

from pages.blocks import TextBlock
from pages.paste import plain, tidied


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("<p>　字下げした段落です。　</p>", "<p>字下げした段落です。</p>"),
        ("<p>一つ目</p><p>\u00a0</p><p>　</p><p>二つ目</p>", "<p>一つ目</p><p>二つ目</p>"),
        ("<p>・生徒</p><p>・先生</p><p>ほか</p>", "<ul><li>生徒</li><li>先生</li></ul><p>ほか</p>"),
        ("<p>\uf0b7\u00a0\u00a0持ち物</p><p>\uf0b7 名札</p>", "<ul><li>持ち物</li><li>名札</li></ul>"),
        ("<p>・一つだけの点</p>", "<p>・一つだけの点</p>"),
        ("<h2><b>見出し</b></h2>", "<h2>見出し</h2>"),
        ("<p>ﾒｰﾙで送ります。</p>", "<p>メールで送ります。</p>"),
        ("<p>ゼロ\u200b幅\ufeffの\u00ad字</p>", "<p>ゼロ幅の字</p>"),
        ("<p>改行<br/>します</p>", "<p>改行<br/>します</p>"),
        ('<p>見る：<a href="/help/">使い方</a></p>', '<p>見る：<a href="/help/">使い方</a></p>'),
        ("<p>髙橋、山﨑、𠮷野、葛\U000e0100城</p>", "<p>髙橋、山﨑、𠮷野、葛\U000e0100城</p>"),
    ],
)
def test_layout_by_blanks_goes_and_words_stay(pasted, kept):
    assert tidied(pasted) == kept


def test_what_is_tidy_stays_as_it_is_the_second_time():
    once = tidied("<p>・一</p><p>・二</p><p>　三　</p>")
    assert tidied(once) == once


@given(st.lists(st.text(alphabet="一二三・ 　ab&<", min_size=1, max_size=8), max_size=5))
def test_no_letter_is_lost(paragraphs):
    from html import escape

    html = "".join(f"<p>{escape(text)}</p>" for text in paragraphs)
    letters = [mark for text in paragraphs for mark in text if mark not in " 　・"]
    from bs4 import BeautifulSoup

    kept = BeautifulSoup(tidied(html), "html.parser").get_text()
    assert [mark for mark in kept if mark not in " 　・"] == letters


def test_a_text_block_is_tidied_when_it_is_saved():
    assert TextBlock().clean(RichText("<p>　文　</p>")).source == "<p>文</p>"


def test_a_line_keeps_its_words():
    assert plain("ｶﾞｯｺｳ\u2028の\u00a0 日") == "ガッコウ\nの 日"
