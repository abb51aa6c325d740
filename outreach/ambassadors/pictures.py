"""Photos of people: read with suspicion, drawn anew, kept under a random name.

Nothing of the file that was sent is kept. It is decoded and its pixels are drawn on a new sheet, so that place, camera and
whatever else was hidden in it are gone; what else hung on the file (a page, a script, an archive) is not copied. What
waits for the desk lies in a folder that is not served; publishing copies it to one that is.
"""

import io
import secrets
from dataclasses import dataclass
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

MOST_BYTES = 10 * 1024 * 1024
# JPEG is decoded small from the start; PNG and WebP have to be held whole.
MOST_PIXELS = {"JPEG": 60_000_000, "MPO": 60_000_000, "PNG": 25_000_000, "WEBP": 25_000_000}
LEAST_SIDE = 240
SIZES = {"small": 320, "large": 640}
HIGHER_THAN_THE_MIDDLE = (0.5, 0.4)  # faces sit above the middle of an upright photo
PUBLISHED, WAITING = "portraits", "portraits_waiting"


class UnusablePicture(ValueError):
    """The file is no photo that can be shown. The message says why and what to do."""


@dataclass(frozen=True)
class Portrait:
    """A photo drawn anew in the sizes of the card: size → bytes of a JPEG file."""

    sizes: dict[str, bytes]


def read(file: Any) -> Portrait:
    """The photo in the sizes of the card. Raises: UnusablePicture."""
    if file.size > MOST_BYTES:
        raise UnusablePicture(
            _("ファイルが大きすぎます（%(size)s MB）。10 MBまでの写真を選んでください。")
            % {"size": f"{file.size / 1024 / 1024:.1f}"}
        )
    file.seek(0)
    try:
        with Image.open(file, formats=("JPEG", "PNG", "WEBP")) as sent:
            _check(sent)
            sent.draft("RGB", (SIZES["large"] * 2, SIZES["large"] * 2))
            sent.load()
            sheet = _drawn_anew(ImageOps.exif_transpose(sent))
    except UnusablePicture:
        raise
    except Image.DecompressionBombError:
        raise UnusablePicture(_("画像が大きすぎます。縦横を小さくして保存し直してください。")) from None
    except Exception as failure:
        # A hostile file makes the decoders raise almost anything; whatever it is, the file is no photo for us.
        raise UnusablePicture(_("この画像は読めません。JPEG、PNG、WebPのどれかで保存し直してください。")) from failure
    return Portrait({name: _jpeg(sheet, side) for name, side in SIZES.items()})


def _check(sent: Image.Image) -> None:
    width, height = sent.size
    if width * height > MOST_PIXELS.get(sent.format, 0):
        raise UnusablePicture(
            _("画像が大きすぎます（%(width)s×%(height)s）。縦横を小さくして保存し直してください。")
            % {"width": width, "height": height}
        )
    if min(width, height) < LEAST_SIDE:
        raise UnusablePicture(
            _("画像が小さすぎます（%(width)s×%(height)s）。縦横とも%(least)sピクセル以上の写真を選んでください。")
            % {"width": width, "height": height, "least": LEAST_SIDE}
        )
    # Cameras put a preview behind the photo (MPO): the first picture is the photo. Anything else that moves is refused.
    if sent.format != "MPO" and getattr(sent, "is_animated", False):
        raise UnusablePicture(_("動く画像は使えません。1枚の写真を選んでください。"))


def _drawn_anew(sent: Image.Image) -> Image.Image:
    """Only the pixels, on white where the picture is clear."""
    sheet = Image.new("RGB", sent.size, "white")
    if sent.mode in {"RGBA", "LA", "PA"} or "transparency" in sent.info:
        clear = sent.convert("RGBA")
        sheet.paste(clear, mask=clear.getchannel("A"))
    else:
        sheet.paste(sent.convert("RGB"))
    return sheet


def _jpeg(sheet: Image.Image, side: int) -> bytes:
    fitted = ImageOps.fit(sheet, (side, side), Image.Resampling.LANCZOS, centering=HIGHER_THAN_THE_MIDDLE)
    out = io.BytesIO()
    fitted.save(out, "JPEG", quality=85, optimize=True, progressive=True)
    return out.getvalue()


# ── the files ─────────────────────────────────────────────────────────────────
def path_of(folder: str, key: str, size: str) -> str:
    return f"{folder}/{key}-{size}.jpg"


def keep_waiting(portrait: Portrait) -> str:
    """The photo lies where nobody fetches it by address. Returns its random name."""
    key = secrets.token_urlsafe(24)
    for size, content in portrait.sizes.items():
        default_storage.save(path_of(WAITING, key, size), ContentFile(content))
    return key


def publish(key: str) -> None:
    """The waiting photo lies in public as well; the waiting files go when the decision is final.

    Taken back at the last moment, files stay in public under a name that nobody knows.
    """
    for size in SIZES:
        with default_storage.open(path_of(WAITING, key, size)) as waiting:
            default_storage.save(path_of(PUBLISHED, key, size), ContentFile(waiting.read()))
    throw_away(WAITING, key)


def throw_away(folder: str, key: str) -> None:
    """The files are gone once the news about them is written."""
    if key:
        transaction.on_commit(lambda: _delete(folder, key), robust=True)


def _delete(folder: str, key: str) -> None:
    for size in SIZES:
        default_storage.delete(path_of(folder, key, size))


def read_waiting(key: str) -> bytes:
    """The large size of a photo that waits. Raises: FileNotFoundError."""
    with default_storage.open(path_of(WAITING, key, "large")) as waiting:
        return waiting.read()
