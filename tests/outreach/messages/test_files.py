"""What may be attached is told by content; what is kept carries nothing that acts, tells or hides."""

import io
import zipfile

import pytest
from PIL import Image

from outreach.lives import NotAllowed
from outreach.messages.inspection import harmless
from tests.outreach.messages import hostile
from tests.outreach.messages.hostile import HOSTILE, archive, office, pdf, photograph, picture, upload, written_on

# What is sent, as what it is called; what it is then, and its name.
GOOD = {
    "pdf": ("学習計画.pdf", pdf(), "pdf", "学習計画.pdf"),
    "pdf by another name": ("plan.exe", pdf(), "pdf", "plan.pdf"),
    "jpeg": ("写真.JPG", photograph(), "jpeg", "写真.jpg"),
    "png": ("map.png", written_on(), "png", "map.png"),
    "webp": ("map.webp", picture("WEBP"), "webp", "map.webp"),
    "text": ("memo.txt", "教室は3階です。\n".encode(), "text", "memo.txt"),
    "text of an old PC": ("memo.csv", "教室,3階\r\n".encode("cp932"), "text", "memo.txt"),
    "word": ("案.docx", office(), "docx", "案.docx"),
    "excel": ("list.xlsx", office("xlsx"), "xlsx", "list.xlsx"),
    "powerpoint with a chart": (
        "slides.pptx",
        office("pptx", {"ppt/embeddings/w.xlsx": office("xlsx")}),
        "pptx",
        "slides.pptx",
    ),
    "word with a link": (
        "a.docx",
        office(parts={hostile.RELS: hostile.links("hyperlink", "https://www.example.jp/")}),
        "docx",
        "a.docx",
    ),
    "many endings": ("a.pdf.html.docx", office(), "docx", "a.pdf.html.docx"),
    "a path": ("../../etc/passwd", b"hello", "text", "passwd.txt"),
    "header and tricks": ('a"\r\nX-Evil: 1;\u202egnp.exe', b"hello", "text", "a_ X-Evil_ 1_gnp.txt"),
    "no name": (" .txt", b"hello", "text", "file.txt"),
}


@pytest.mark.parametrize("what", GOOD)
def test_good_files_are_kept_under_the_name_of_their_kind(what):
    sent, content, kind, name = GOOD[what]
    kept = harmless(upload(sent, content))
    assert (kept.kind, kept.name) == (kind, name)
    assert harmless(upload("again", kept.content)).kind == kind


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_files_are_refused_with_a_sentence_that_names_them(what):
    name, content, words = HOSTILE[what]
    with pytest.raises(NotAllowed) as refused:
        harmless(upload(name, content))
    assert f"「{name}」" in str(refused.value)
    assert words in str(refused.value)


@pytest.mark.parametrize("name", ["photograph", "written_on"])
def test_a_picture_keeps_its_pixels_and_nothing_else(name):
    sent = getattr(hostile, name)()
    assert b"Cnry" in sent
    kept = harmless(upload("a", sent)).content
    assert b"Cnry" not in kept
    with Image.open(io.BytesIO(kept)) as seen:
        assert dict(seen.getexif()) == {}
        # It was turned, so it is turned for good.
        assert seen.size == ((48, 64) if name == "photograph" else (64, 48))


def test_what_hangs_on_a_picture_is_left_behind():
    kept = harmless(upload("a.jpg", photograph() + archive(evil=b"hello") + hostile.SCRIPT)).content
    assert (b"script" in kept, zipfile.is_zipfile(io.BytesIO(kept))) == (False, False)


def test_a_large_photograph_is_made_smaller():
    kept = harmless(upload("a.jpg", picture(size=(6000, 4000)))).content
    with Image.open(io.BytesIO(kept)) as seen:
        assert max(seen.size) == 2560


def test_a_document_is_packed_anew_without_what_hides_between_its_parts():
    sent = office()
    with zipfile.ZipFile(io.BytesIO(sent)) as package:
        start = package.infolist()[1].header_offset
    hiding = io.BytesIO(sent + hostile.SCRIPT)
    assert hostile.SCRIPT in hiding.getvalue()
    with zipfile.ZipFile(hiding, "a") as package:
        package.comment = b"Cnry" + hostile.SCRIPT
    kept = harmless(upload("a.docx", hiding.getvalue())).content
    assert start and hostile.SCRIPT not in kept and b"Cnry" not in kept
    with zipfile.ZipFile(io.BytesIO(kept)) as package:
        assert package.namelist() == ["[Content_Types].xml", "word/document.xml"]


def test_text_of_an_old_pc_can_be_read_everywhere():
    assert harmless(upload("a.txt", "表、ソ、十".encode("cp932"))).content == "表、ソ、十".encode()
