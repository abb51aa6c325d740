"""What comes along when text is pasted from a word processor or an old page, and does not belong on ours.

The editor keeps only the elements a field allows. What is left here are marks and habits that are elements to nobody:
blanks that were meant as layout, bullets typed by hand, empty paragraphs, invisible characters.
"""

import re
import unicodedata

from bs4 import BeautifulSoup, NavigableString, Tag

# Nobody sees them, and a search or a screen reader stumbles over them.
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff\u000c]")
_LINE_ENDS = re.compile("[\u000b\u2028\u2029\u0085]")
# Bullets of the symbol fonts of a word processor; without that font they are boxes.
_SYMBOL_BULLETS = str.maketrans(dict.fromkeys("\uf0b7\uf0a7\uf0d8\uf06c\uf06e\uf0fc", "・"))
_BLANKS = re.compile("[ \t\u00a0\u2002-\u200a]+")
# ・ and Word's own bullets at the beginning of a paragraph, one after the other, are a list.
_BULLET = re.compile(r"^[\s　]*[・●○■□◆◇▪•‣–\-][\s　]*(?=\S)")
_HALF_KANA = re.compile("[\uff61-\uff9f]+")
KEPT = ("br", "embed", "hr", "img")


def plain(text: str) -> str:
    """One line of text without what nobody typed on purpose; half-width kana become whole ones."""
    text = _LINE_ENDS.sub("\n", _INVISIBLE.sub("", text)).translate(_SYMBOL_BULLETS)
    text = _HALF_KANA.sub(lambda kana: unicodedata.normalize("NFKC", kana[0]), text)
    return _BLANKS.sub(" ", text)


def tidied(html: str) -> str:
    """The same rich text without layout by blanks, empty paragraphs and hand-made bullets; words are not changed."""
    soup = BeautifulSoup(html, "html.parser")
    for words in soup.find_all(string=True):
        words.replace_with(NavigableString(plain(words)))
    for heading in soup.find_all(["h2", "h3"]):
        for bold in heading.find_all("b"):
            bold.unwrap()
    for block in soup.find_all(["p", "h2", "h3", "li"]):
        _strip(block)
        if not block.get_text(strip=True) and not block.find(KEPT):
            block.decompose()
    _make_lists(soup)
    return str(soup)


def _strip(block: Tag) -> None:
    """No blank, whole or half, at either end: indents are the style sheet's business."""
    texts = [words for words in block.find_all(string=True)]
    if texts:
        texts[0].replace_with(NavigableString(texts[0].lstrip(" \n　")))
    texts = [words for words in block.find_all(string=True)]
    if texts:
        texts[-1].replace_with(NavigableString(texts[-1].rstrip(" \n　")))


def _make_lists(soup: BeautifulSoup) -> None:
    """Two or more paragraphs in a row that begin with the same hand-made bullet become a list."""
    run: list[Tag] = []
    for block in [*soup.find_all(recursive=False), None]:
        if block is not None and block.name == "p" and _BULLET.match(block.get_text()):
            run.append(block)
            continue
        if len(run) > 1:
            made = soup.new_tag("ul")
            run[0].insert_before(made)
            for paragraph in run:
                first = next(words for words in paragraph.find_all(string=True) if words.strip())
                first.replace_with(NavigableString(_BULLET.sub("", first, count=1)))
                paragraph.name = "li"
                made.append(paragraph.extract())
        run = []
