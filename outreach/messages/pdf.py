"""A PDF without anything that acts, opens other files or hides them.

No full reader looks at it: readers of PDF follow what the file points at and repair what is broken, and each does it a
little differently. Names of acting things are looked for in every byte and in everything that unpacks, with bounds.
"""

import re
import zipfile
import zlib
from io import BytesIO

ACTING = re.compile(
    rb"/(?:JavaScript|Launch|EmbeddedFiles?|RichMedia|XFA|ImportData|SubmitForm|GoToE|Rendition|Flash)(?![A-Za-z0-9])"
)
LOCKED = re.compile(rb"/Encrypt(?![A-Za-z0-9])")
MARKUP = re.compile(rb"<\s*(?:html|script|svg|!doctype)", re.IGNORECASE)
HEX = re.compile(rb"#([0-9A-Fa-f]{2})")
STREAM = re.compile(rb"stream\r?\n")
MOST_OF_A_STREAM = 20_000_000
MOST_IN_ALL = 60_000_000
HEAD, TAIL = 4096, 16


class Unsafe(Exception):
    """A file that is not kept, with the word for why."""


def look_through(content: bytes) -> None:
    """Raises: Unsafe."""
    end = content.rfind(b"%%EOF")
    if end < 0 or b"obj" not in content:
        raise Unsafe("pdf_broken")
    if len(content[end + 5 :].strip(b"\r\n\t \0")) > TAIL or zipfile.is_zipfile(BytesIO(content)):
        raise Unsafe("pdf_active")
    # Names may be written with numbers for letters.
    plain = HEX.sub(_letter, content)
    for text in (content, plain):
        if LOCKED.search(text):
            raise Unsafe("pdf_locked")
        if ACTING.search(text) or MARKUP.search(text[:HEAD]):
            raise Unsafe("pdf_active")
    _look_into_streams(content)


def _look_into_streams(content: bytes) -> None:
    unpacked = 0
    for found in STREAM.finditer(content):
        described = content[content.rfind(b"obj", 0, found.start()) : found.start()]
        described = HEX.sub(_letter, described)
        holds_objects = b"/ObjStm" in described
        if b"/Image" in described and not holds_objects:
            continue
        end = content.find(b"endstream", found.end())
        packed = content[found.end() : end if end >= 0 else len(content)]
        text = _unpacked(packed, must=holds_objects)
        unpacked += len(text)
        if len(text) > MOST_OF_A_STREAM or unpacked > MOST_IN_ALL:
            raise Unsafe("too_large")
        if ACTING.search(text) or (b"#" in text and ACTING.search(HEX.sub(_letter, text))):
            raise Unsafe("pdf_active")


def _letter(found: re.Match[bytes]) -> bytes:
    return bytes([int(found[1], 16)])


def _unpacked(packed: bytes, *, must: bool) -> bytes:
    """What is in a stream; one that holds objects and cannot be read here is not let through."""
    is_flate = len(packed) > 2 and packed[0] & 15 == 8 and int.from_bytes(packed[:2], "big") % 31 == 0
    if is_flate:
        try:
            return zlib.decompressobj().decompress(packed, MOST_OF_A_STREAM + 1)
        except zlib.error:
            pass
    if must:
        raise Unsafe("pdf_broken")
    return b""
