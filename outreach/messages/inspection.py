"""What may be attached, told by what is in a file and never by its name; what is kept is harmless by itself.

Every kind is opened by a reader of that kind and kept only when it is that and nothing else: pictures are drawn anew,
Office files packed anew, text written anew, PDFs looked through. Whatever is refused is refused with a sentence.
"""

import io
import re
import unicodedata
import warnings
from dataclasses import dataclass

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from outreach.lives import NotAllowed
from outreach.messages import office, pdf
from outreach.messages.models import Kind
from outreach.messages.pdf import Unsafe
from ui.forms import folded

MOST_FILES = 3
MOST_BYTES = 5 * 1024 * 1024
# A large photograph is read at a fraction of its size at once; the other kinds are not.
MOST_PIXELS = {Kind.JPEG: 60_000_000, Kind.PNG: 25_000_000, Kind.WEBP: 25_000_000}
LONGEST_SIDE = 2560
LONGEST_STEM = 80

PICTURES = {
    b"\xff\xd8\xff": Kind.JPEG,
    b"\x89PNG\r\n\x1a\n": Kind.PNG,
    b"RIFF": Kind.WEBP,
}
MARKUP = re.compile(
    r"<\s*(?:!doctype|!entity|\?xml|\?php|%|html|head|body|script|style|svg|iframe|object|embed|link|meta|img|form)",
    re.IGNORECASE,
)
# Text that some program runs or takes for another kind of file.
RUN_AS = ("#!", "{\\rtf", "%!PS", "GIF8", "MZ")


@dataclass(frozen=True)
class Harmless:
    """A file as it may be kept: only `harmless` makes one."""

    name: str
    kind: Kind
    content: bytes


def harmless(upload: UploadedFile) -> Harmless:
    """The file as it may be kept.

    Raises: NotAllowed, naming the file and what to do instead.
    """
    shown = " ".join(folded(upload.name or "").split())[:LONGEST_STEM] or _("名前のないファイル")
    if (upload.size or 0) > MOST_BYTES:
        raise _refused(shown, _("大きさが5MBを超えています。小さくするか、分けて添付してください。"))
    content = upload.read(MOST_BYTES + 1)
    if not content:
        raise _refused(shown, _("中身がありません。"))
    if len(content) > MOST_BYTES:
        raise _refused(shown, _("大きさが5MBを超えています。小さくするか、分けて添付してください。"))
    try:
        kind, kept = _kept(content)
    except Unsafe as why:
        raise _refused(shown, _words_for(str(why))) from None
    if len(kept) > 2 * MOST_BYTES:
        raise _refused(shown, _("開くと大きくなりすぎます。小さくして添付してください。"))
    return Harmless(f"{_stem(shown)}.{kind.ending}", kind, kept)


def _kept(content: bytes) -> tuple[Kind, bytes]:
    if content.startswith(b"%PDF-"):
        pdf.look_through(content)
        return Kind.PDF, content
    if content.startswith(b"PK"):
        kind, kept = office.repacked(content)
        return Kind(kind), kept
    kind = next((kind for mark, kind in PICTURES.items() if content.startswith(mark)), None)
    if kind is not None:
        return kind, _drawn_anew(content, kind)
    return Kind.TEXT, _written_anew(content)


def _drawn_anew(content: bytes, kind: Kind) -> bytes:
    """Only the pixels of the first picture are kept: no place, no camera, no words, nothing behind the end."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(content), formats=[kind.value.upper()]) as picture:
                if picture.width * picture.height > MOST_PIXELS[kind]:
                    raise Unsafe("pixels")
                if kind == Kind.JPEG:
                    picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
                picture.load()
                turned = ImageOps.exif_transpose(picture)
                has_alpha = kind != Kind.JPEG and (turned.has_transparency_data or "A" in turned.mode)
                turned = turned.convert("RGBA" if has_alpha else "RGB")
                turned.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
                clean = Image.new(turned.mode, turned.size)
                clean.paste(turned)
    except Unsafe:
        raise
    except Exception:  # noqa: BLE001  whatever a decoder stumbles over, this is no picture that others should open
        raise Unsafe("picture") from None
    kept = io.BytesIO()
    clean.save(kept, kind.value.upper(), **({} if kind == Kind.PNG else {"quality": 85}))
    return kept.getvalue()


def _written_anew(content: bytes) -> bytes:
    """Plain text in UTF-8, whatever a school's PC wrote it in."""
    for encoding in ("utf-8-sig", "cp932"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise Unsafe("kind")
    if any(unicodedata.category(mark) in {"Cc", "Cn", "Co", "Cs"} and mark not in "\t\n\r\f" for mark in text):
        raise Unsafe("kind")
    if MARKUP.search(text) or text.lstrip().startswith(RUN_AS) or "%PDF-" in text[:1024]:
        raise Unsafe("markup")
    return text.encode()


def _words_for(why: str) -> str:
    """What is wrong with a file, and what to do."""
    return {
        "kind": _("この種類は受け取れません。PDF、JPEG、PNG、WebP、テキスト、Word・Excel・PowerPointにしてください。"),
        "markup": _("HTMLやプログラムは受け取れません。文章だけにするか、PDFにしてください。"),
        "picture": _("画像として開けませんでした。壊れていないか確かめて、JPEGかPNGで保存し直してください。"),
        "pixels": _("画像の縦横が大きすぎます。小さくして添付してください。"),
        "pdf_active": _("自動で動くものや別のファイルがPDFに入っています。印刷からPDFに保存し直してください。"),
        "pdf_locked": _("パスワードなどで保護されたPDFは中身を確かめられません。保護を外して保存し直してください。"),
        "pdf_broken": _("PDFとして最後まで読めませんでした。印刷からPDFに保存し直してください。"),
        "archive": _("圧縮ファイルは受け取れません。中のファイルを1つずつ添付してください。"),
        "macro": _("マクロなど自動で動くものが入っています。マクロのない形式で保存し直すか、PDFにしてください。"),
        "outside": _("外部のファイルを読み込む設定が入っています。設定を外すか、PDFにしてください。"),
        "office_broken": _(
            "Word・Excel・PowerPointのファイルとして読めませんでした。保存し直すか、PDFにしてください。"
        ),
        "too_large": _("開くと大きくなりすぎます。小さくして添付してください。"),
    }[why]


def _refused(name: str, words: str) -> NotAllowed:
    return NotAllowed(_("「%(name)s」は添付できません。%(words)s") % {"name": name, "words": words})


def _stem(shown: str) -> str:
    """The name without its ending: what a file is called at the end says what it is."""
    stem, dot, ending = shown.rpartition(".")
    stem = stem if dot and len(ending) <= 5 else shown
    stem = re.sub(r'[\\/:*?"<>|%;]+', "_", stem).strip(" ._")
    return stem or "file"
