"""Word, Excel and PowerPoint without macros, and without anything that is fetched from elsewhere when they are opened.

The parts are read one by one, within bounds, and packed anew: what hides before, between or behind them is gone.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from xml.etree import ElementTree

from outreach.messages.pdf import Unsafe

MOST_PARTS = 1500
MOST_OF_A_PART = 30_000_000
MOST_IN_ALL = 60_000_000

CONTENT_TYPES = "[Content_Types].xml"
MAIN = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml": "xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml": "pptx",
}
ACTING_TYPES = re.compile(
    r"macroenabled|vba|activex|oleobject|javascript|text/html|xhtml|message/|x-msdownload|xlm|macrosheet", re.IGNORECASE
)
ACTING_PARTS = re.compile(
    r"vba|activex|macrosheets|\.(?:exe|dll|js|vbs|ps1|bat|cmd|html?|mht|hta|lnk|jar)$", re.IGNORECASE
)
EMBEDDED = re.compile(r"embeddings/[^/]+\.(?:docx|xlsx|pptx)$", re.IGNORECASE)
# What a part of another kind begins with: a program, an old Office file (and every macro project), archives, PDF.
FOREIGN = (b"MZ", b"\xd0\xcf\x11\xe0", b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf", b"\x7fELF", b"%PDF", b"\x1f\x8b")
DTD = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
DDE = re.compile(rb"(?:instrText[^>]*>|w:instr=\")[^<\"]*\bDDE(?:AUTO)?\b|ppaction://(?:macro|program)|<ddeLink")
SAFE_TARGET = re.compile(r"(?:https?:|mailto:|tel:|#)", re.IGNORECASE)


def repacked(content: bytes, *, is_inside: bool = False) -> tuple[str, bytes]:
    """The kind of file ("docx", "xlsx", "pptx") and its parts, packed anew.

    Raises: Unsafe.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = dict(_parts(package))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        raise Unsafe("archive") from None
    if CONTENT_TYPES not in parts:
        raise Unsafe("archive")
    kind = _kind_of(parts[CONTENT_TYPES])
    for name, part in parts.items():
        if EMBEDDED.search(name) and not is_inside:
            # A chart keeps its numbers in a workbook of its own.
            parts[name] = repacked(part, is_inside=True)[1]
        else:
            _look_at(name, part)
    return kind, _packed(parts)


def _parts(package: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    found = package.infolist()
    if len(found) > MOST_PARTS or sum(part.file_size for part in found) > MOST_IN_ALL:
        raise Unsafe("too_large")
    names = set()
    for part in found:
        name = part.filename
        is_odd = name.startswith("/") or "\\" in name or ".." in name.split("/") or name.lower() in names
        if is_odd or part.flag_bits & 1:
            raise Unsafe("office_broken")
        names.add(name.lower())
        if part.file_size > MOST_OF_A_PART:
            raise Unsafe("too_large")
        if not part.is_dir():
            with package.open(part) as opened:
                yield name, opened.read(MOST_OF_A_PART)


def _tree(part: bytes) -> ElementTree.Element:
    if DTD.search(part) or b"\0" in part:
        raise Unsafe("office_broken")
    try:
        return ElementTree.fromstring(part)
    except ElementTree.ParseError:
        raise Unsafe("office_broken") from None


def _kind_of(types: bytes) -> str:
    said = [element.get("ContentType", "") for element in _tree(types)]
    if any(ACTING_TYPES.search(one) for one in said):
        raise Unsafe("macro")
    kinds = {MAIN[one.lower()] for one in said if one.lower() in MAIN}
    if len(kinds) != 1:
        raise Unsafe("office_broken")
    return kinds.pop()


def _look_at(name: str, part: bytes) -> None:
    if ACTING_PARTS.search(name) or part.startswith(FOREIGN) or DDE.search(part):
        raise Unsafe("macro")
    if "externallinks/" in name.lower():
        raise Unsafe("outside")
    if name.lower().endswith((".xml", ".rels")) and (DTD.search(part) or b"\0" in part):
        # Also what is written in UTF-16, where none of this could be seen; Office never does.
        raise Unsafe("office_broken")
    if name.lower().endswith(".rels"):
        for link in _tree(part):
            kind = link.get("Type", "").rsplit("/", 1)[-1].lower()
            if kind in {"vbaproject", "oleobject", "control", "afchunk", "activexcontrolbinary"}:
                raise Unsafe("macro")
            is_outside = link.get("TargetMode", "").lower() == "external"
            if is_outside and not (kind == "hyperlink" and SAFE_TARGET.match(link.get("Target", ""))):
                raise Unsafe("outside")


def _packed(parts: dict[str, bytes]) -> bytes:
    """Deflated again, with no comment and one and the same date."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as package:
        for name in sorted(parts, key=lambda name: name != CONTENT_TYPES):
            package.writestr(zipfile.ZipInfo(name), parts[name], zipfile.ZIP_DEFLATED)
    return kept.getvalue()
