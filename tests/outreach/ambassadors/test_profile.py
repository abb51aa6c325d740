"""The card in its owner's hands: what holds at once, what waits for the desk, and what a photo may be."""

import io
import struct
import zlib

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from outbox.models import Letter
from outreach.ambassadors import pictures, profile
from outreach.lives import NotAllowed, TooLate
from outreach.models import Ambassador, ProfileProposal
from tests.outreach.pages import Reader
from tests.outreach.rows import rows

pytestmark = pytest.mark.django_db

PROFILE = "/my/profile/"
TEXTS = {
    "headline_ja": "新しい肩書",
    "headline_en": "A new headline",
    "about_ja": "新しい紹介です。",
    "about_en": "",
    "expect_ja": "45分の対話ができます。",
    "expect_en": "",
}


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def drawn(size=(800, 600), mode="RGB") -> Image.Image:
    """Red above, blue below, so that one sees which way is up."""
    picture = Image.new(mode, size, "red")
    ImageDraw.Draw(picture).rectangle((0, size[1] // 2, size[0], size[1]), fill="blue")
    return picture


def saved(picture: Image.Image, form: str = "JPEG", **more) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **more)
    return out.getvalue()


def upload(content: bytes, name: str = "photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "image/jpeg")


def read(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(pictures.read(upload(content)).sizes["large"]))


def folders() -> dict[str, int]:
    """How many files lie in each folder of the media."""
    found = {}
    for folder in (pictures.PUBLISHED, pictures.WAITING):
        found[folder] = len(default_storage.listdir(folder)[1]) if default_storage.exists(folder) else 0
    return found


def proposed(ambassador: Ambassador, photo: bytes | None = None, **texts: str) -> ProfileProposal:
    portrait = pictures.read(upload(photo)) if photo else None
    return profile.propose(
        ambassador, by=ambassador.user, texts=TEXTS | texts, portrait=portrait, recognisable="nobody"
    )


def desk_page(proposal: ProfileProposal) -> str:
    return f"/desk/profiles/{proposal.public_id}/"


# ── how they visit: at once ───────────────────────────────────────────────────
def test_formats_and_facets_hold_at_once(client, ambassador):
    told = Reader(ambassador).told(
        f"{PROFILE}offering/", formats=["online"], themes=["local", "story"], stages=["high"], languages=["ja", "ko"]
    )
    assert "紹介ページにもう出ています" in told
    ambassador = Ambassador.objects.get(pk=ambassador.pk)
    assert (ambassador.visits_in_person, ambassador.visits_online) == (False, True)
    assert ambassador.languages == ["日本語", "韓国語"]
    assert ambassador.name in client.get("/ambassadors/?language=ko&theme=local&format=online").content.decode()
    assert not Letter.objects.exists()


def test_one_format_at_least(ambassador):
    answer = Reader(ambassador).sends(f"{PROFILE}offering/", themes=["local"])
    assert answer.status_code == 422
    assert "どちらかは選んでください" in answer.content.decode()


# ── words: after review ───────────────────────────────────────────────────────
def test_new_words_wait_until_the_desk_has_read_them(client, ambassador, coordinator):
    Reader(ambassador).sends(PROFILE, **TEXTS)
    card = ambassador.get_absolute_url()
    assert "新しい紹介です。" not in client.get(card).content.decode()
    proposal = ProfileProposal.objects.get()
    (letter,) = Letter.objects.all()
    assert (letter.person, desk_page(proposal) in letter.body) == (coordinator, True)
    assert "新しい紹介です。" not in letter.body
    desk = Reader(coordinator)
    assert "紹介の変更の確認" in desk.reads("/my/")
    body = desk.reads(desk_page(proposal))
    assert ambassador.about_ja in body
    assert "新しい紹介です。" in body
    desk.sends(desk_page(proposal), decision="publish", version=proposal.version)
    shown = client.get(card).content.decode()
    assert "新しい紹介です。" in shown
    assert "新しい肩書" in client.get("/ambassadors/?q=新しい肩書").content.decode()
    told = Letter.objects.get(person=ambassador.user)
    assert card in told.body


def test_declining_says_why_and_leaves_the_card(client, ambassador, coordinator):
    proposal = proposed(ambassador)
    desk = Reader(coordinator)
    answer = desk.sends(desk_page(proposal), decision="decline", version=proposal.version, reason="")
    assert answer.status_code == 422
    desk.sends(desk_page(proposal), decision="decline", version=proposal.version, reason="数字の出典を添えてください。")
    assert "新しい紹介です。" not in client.get(ambassador.get_absolute_url()).content.decode()
    assert "数字の出典を添えてください。" in Letter.objects.get(person=ambassador.user).body
    own = Reader(ambassador).reads(PROFILE)
    assert "数字の出典を添えてください。" in own


def test_sent_again_they_take_the_place_of_those_that_wait(ambassador, coordinator):
    first = proposed(ambassador)
    second = proposed(ambassador, about_ja="もっと新しい紹介です。")
    assert first.pk == second.pk
    assert second.version == 2
    assert Letter.objects.filter(person=coordinator).count() == 2


def test_the_desk_decides_about_what_it_has_read(ambassador, coordinator):
    proposal = proposed(ambassador)
    proposed(ambassador, about_ja="読んだあとに変えた紹介です。")
    answer = Reader(coordinator).sends(desk_page(proposal), decision="publish", version=proposal.version)
    assert answer.status_code == 409
    assert "送り直しました" in answer.content.decode()
    assert Ambassador.objects.get(pk=ambassador.pk).about_ja == ambassador.about_ja


def test_decided_twice_is_told_and_changes_nothing(ambassador, coordinator):
    proposal = proposed(ambassador)
    profile.approve(proposal, by=coordinator, version=1)
    before = rows(Ambassador, ProfileProposal, Letter)
    for act in (
        lambda: profile.approve(proposal, by=coordinator, version=1),
        lambda: profile.decline(proposal, by=coordinator, version=1, reason="x"),
    ):
        with pytest.raises(TooLate, match="もう確かめられています"):
            act()
    assert rows(Ambassador, ProfileProposal, Letter) == before


def test_the_same_words_are_no_change(ambassador):
    texts = {name: getattr(ambassador, name) for name in TEXTS}
    assert "変わったところはありません" in Reader(ambassador).told(PROFILE, **texts)
    assert not ProfileProposal.objects.exists()


def test_a_change_is_taken_back(ambassador):
    proposed(ambassador, photo=saved(drawn()))
    assert folders() == {pictures.PUBLISHED: 0, pictures.WAITING: 2}
    assert "変更を取り消しました" in Reader(ambassador).told(f"{PROFILE}take-back/")
    assert not ProfileProposal.objects.exists()


def test_others_do_not_touch_a_card(ambassador, other_ambassador, coordinator, assistant):
    proposal = proposed(ambassador)
    before = rows(Ambassador, ProfileProposal)
    facets = {"visits_in_person": True, "visits_online": True, "themes": [], "stages": [], "languages": []}
    for by in (other_ambassador.user, coordinator, assistant):
        with pytest.raises(NotAllowed):
            profile.propose(ambassador, by=by, texts=TEXTS)
        with pytest.raises(NotAllowed):
            profile.describe(ambassador, by=by, **facets)
        with pytest.raises(NotAllowed):
            profile.take_back(ambassador, by=by)
    for by in (ambassador.user, other_ambassador.user, assistant):
        with pytest.raises(NotAllowed):
            profile.approve(proposal, by=by, version=1)
        with pytest.raises(NotAllowed):
            profile.decline(proposal, by=by, version=1, reason="x")
    for by in (other_ambassador.user, assistant):
        with pytest.raises(NotAllowed):
            profile.remove_photo(ambassador, by=by)
    assert rows(Ambassador, ProfileProposal) == before


# ── photos ────────────────────────────────────────────────────────────────────
def test_a_photo_is_seen_by_nobody_else_until_it_is_published(client, ambassador, coordinator, school_contact):
    answer = Reader(ambassador).client.post(
        PROFILE, TEXTS | {"photo": upload(saved(drawn())), "recognisable": "nobody"}
    )
    assert answer.status_code == 302
    proposal = ProfileProposal.objects.get()
    waiting = f"{PROFILE}photo/{proposal.public_id}/"
    for person in (ambassador, coordinator):
        shown = Reader(person).client.get(waiting)
        assert (shown.status_code, shown.headers["Content-Type"]) == (200, "image/jpeg")
        assert shown.headers["Cache-Control"] == "private, no-store"
        assert shown.content.startswith(b"\xff\xd8")
    assert Reader(school_contact).sees(waiting) == 404
    assert client.get(f"/media/{pictures.WAITING}/{proposal.photo}-large.jpg").status_code == 404
    assert "<img" not in client.get(ambassador.get_absolute_url()).content.decode()


def test_published_it_is_on_the_card_under_a_random_name(
    client, ambassador, coordinator, django_capture_on_commit_callbacks
):
    proposal = proposed(ambassador, photo=saved(drawn()))
    with django_capture_on_commit_callbacks(execute=True):
        profile.approve(proposal, by=coordinator, version=1)
    body = client.get(ambassador.get_absolute_url()).content.decode()
    address = f"/media/portraits/{proposal.photo}-large.jpg"
    assert address in body
    fetched = client.get(address)
    assert b"".join(fetched.streaming_content).startswith(b"\xff\xd8")
    assert fetched.headers["Content-Type"] == "image/jpeg"
    assert f"{proposal.photo}-small.jpg" in client.get("/ambassadors/").content.decode()
    assert folders() == {pictures.PUBLISHED: 2, pictures.WAITING: 0}
    assert len(proposal.photo) >= 32


def test_a_new_photo_takes_the_place_of_the_old_one_and_removing_leaves_no_file(
    client, ambassador, coordinator, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        for _number in range(2):
            proposal = proposed(ambassador, photo=saved(drawn()))
            profile.approve(proposal, by=coordinator, version=proposal.version)
    assert folders() == {pictures.PUBLISHED: 2, pictures.WAITING: 0}
    proposed(ambassador, photo=saved(drawn()))
    with django_capture_on_commit_callbacks(execute=True):
        assert "写真を消しました" in Reader(ambassador).told(f"{PROFILE}photo/remove/")
    assert folders() == {pictures.PUBLISHED: 0, pictures.WAITING: 0}
    assert "<img" not in client.get(ambassador.get_absolute_url()).content.decode()


def test_the_desk_takes_a_photo_off_as_well(ambassador, coordinator, django_capture_on_commit_callbacks):
    proposal = proposed(ambassador, photo=saved(drawn()))
    with django_capture_on_commit_callbacks(execute=True):
        profile.approve(proposal, by=coordinator, version=1)
        Reader(coordinator).sends(f"/desk/ambassadors/{ambassador.public_id}/photo/remove/")
    assert folders()[pictures.PUBLISHED] == 0


def test_declined_photos_are_gone(ambassador, coordinator, django_capture_on_commit_callbacks):
    proposal = proposed(ambassador, photo=saved(drawn()))
    with django_capture_on_commit_callbacks(execute=True):
        profile.decline(proposal, by=coordinator, version=1, reason="暗い写真です。")
    assert folders()[pictures.WAITING] == 0


@pytest.mark.parametrize(("said", "words"), [("", "選んでください"), ("not_agreed", "学校の同意がなければ使えません")])
def test_who_can_be_recognised_is_asked(ambassador, said, words):
    data = TEXTS | {"photo": upload(saved(drawn()))} | ({"recognisable": said} if said else {})
    answer = Reader(ambassador).client.post(PROFILE, data)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert "新しい紹介です。" in answer.content.decode()
    assert folders()[pictures.WAITING] == 0


def test_nothing_of_the_file_is_left_but_its_pixels():
    exif = Image.Exif()
    exif[0x010F] = "CNRY-camera"
    exif[0x8825] = {1: "N", 2: (35.0, 40.0, 12.0), 3: "E", 4: (139.0, 44.0, 50.0)}
    source = saved(drawn(), exif=exif, comment=b"CNRY-comment", icc_profile=b"CNRY-profile", dpi=(300, 300))
    assert b"CNRY" in source
    assert Image.open(io.BytesIO(source)).getexif().get_ifd(0x8825)
    for content in pictures.read(upload(source)).sizes.values():
        again = Image.open(io.BytesIO(content))
        assert b"CNRY" not in content
        assert b"Exif" not in content
        assert not again.getexif()
        assert set(again.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}


def test_text_in_a_png_is_gone():
    info = PngInfo()
    info.add_text("GPS", "CNRY-place")
    source = saved(drawn(), "PNG", pnginfo=info)
    assert b"CNRY" in source
    assert all(b"CNRY" not in content for content in pictures.read(upload(source)).sizes.values())


def colour(picture: Image.Image, x: float, y: float) -> str:
    red, _green, blue = picture.convert("RGB").getpixel((int(picture.width * x), int(picture.height * y)))
    return "red" if red > blue else "blue"


@pytest.mark.parametrize(("turn", "red_at"), [(1, (0.5, 0.1)), (3, (0.5, 0.9)), (6, (0.9, 0.5)), (8, (0.1, 0.5))])
def test_the_picture_is_turned_as_the_camera_said(turn, red_at):
    exif = Image.Exif()
    exif[0x0112] = turn
    assert colour(read(saved(drawn((600, 600)), exif=exif)), *red_at) == "red"


def test_sizes_are_those_of_the_card_whatever_was_sent():
    for size in ((4000, 3000), (300, 900), (240, 240)):
        made = pictures.read(upload(saved(drawn(size))))
        assert {name: Image.open(io.BytesIO(c)).size for name, c in made.sizes.items()} == {
            "small": (320, 320),
            "large": (640, 640),
        }


@pytest.mark.parametrize("mode", ["RGBA", "P", "L", "LA", "1"])
@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_other_kinds_of_pixels_become_plain_ones(mode, form):
    if form == "WEBP" and mode in {"P", "LA", "1"}:
        mode = "RGBA"
    assert read(saved(drawn(mode="RGB").convert(mode), form)).mode == "RGB"


def test_clear_places_become_white():
    picture = Image.new("RGBA", (400, 400), (255, 0, 0, 0))
    assert read(saved(picture, "PNG")).getpixel((300, 300)) == (255, 255, 255)


def test_the_second_picture_that_cameras_hide_behind_a_photo_is_dropped():
    source = saved(drawn(), "MPO", save_all=True, append_images=[Image.new("RGB", (800, 600), "green")])
    assert Image.open(io.BytesIO(source)).format == "MPO"
    assert colour(read(source), 0.5, 0.1) == "red"


def test_what_hangs_on_a_photo_is_not_kept():
    """A picture that is an archive or a page as well: the pixels are drawn anew, the rest stays behind."""
    for tail in (b"PK\x05\x06CNRY-archive", b"<html><script>CNRY()</script>", b"%PDF-1.7 CNRY"):
        made = pictures.read(upload(saved(drawn()) + tail))
        assert all(b"CNRY" not in content for content in made.sizes.values())


def png_that_claims(width: int, height: int) -> bytes:
    """A small file that unfolds to a flood of pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows_of_zero = zlib.compress(b"\0" * 1_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows_of_zero) + chunk(b"IEND", b"")


def two_frames(form: str) -> bytes:
    return saved(drawn(), form, save_all=True, append_images=[Image.new("RGB", (800, 600), "green")])


REFUSED = {
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "svg with a name of a photo": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
    "html": b"<!doctype html><script>alert(1)</script>",
    "pdf": b"%PDF-1.7\n1 0 obj\n<<>>\nendobj",
    "html in front of a photo": b"<html>" + saved(drawn()),
    "zip": b"PK\x03\x04" + b"\0" * 100,
    "nothing but a signature": b"\xff\xd8\xff\xe0",
    "cut off": saved(drawn())[:-400],
    "cut off png": saved(drawn(), "PNG")[:-60],
    "broken in the middle": saved(drawn(), "PNG")[:41] + b"\0" * 20 + saved(drawn(), "PNG")[61:],
    "gif": saved(drawn(), "GIF"),
    "bmp": saved(drawn(), "BMP"),
    "tiff": saved(drawn(), "TIFF"),
    "moving png": two_frames("PNG"),
    "moving webp": two_frames("WEBP"),
    "moving gif": two_frames("GIF"),
    "flood": png_that_claims(30_000, 30_000),
    "flood just over": png_that_claims(6_000, 5_000),
    "too small": saved(drawn((100, 100))),
    "a line": saved(drawn((3000, 10))),
    "empty picture": png_that_claims(0, 0),
}


@pytest.mark.parametrize("what", REFUSED, ids=str)
def test_what_is_no_photo_is_refused_with_words(ambassador, what):
    with pytest.raises(pictures.UnusablePicture):
        pictures.read(upload(REFUSED[what]))
    answer = Reader(ambassador).client.post(
        PROFILE, TEXTS | {"photo": upload(REFUSED[what], "photo.jpg"), "recognisable": "nobody"}
    )
    assert answer.status_code == 422
    assert "field__error" in answer.content.decode()
    assert "新しい紹介です。" in answer.content.decode()
    assert not ProfileProposal.objects.exists()
    assert folders()[pictures.WAITING] == 0


def test_a_file_too_large_is_refused_before_it_is_read():
    with pytest.raises(pictures.UnusablePicture, match="10 MB"):
        pictures.read(upload(b"\xff" * (pictures.MOST_BYTES + 1)))


def test_a_photo_of_a_modern_phone_is_small_when_decoded():
    """48 million pixels: JPEG is decoded at the size that is needed."""
    source = saved(Image.new("L", (8000, 6000), 200), quality=30)
    assert read(source).size == (640, 640)


def test_names_of_files_play_no_part(ambassador):
    Reader(ambassador).client.post(
        PROFILE, TEXTS | {"photo": upload(saved(drawn()), "../../evil.svg"), "recognisable": "nobody"}
    )
    key = ProfileProposal.objects.get().photo
    assert sorted(default_storage.listdir(pictures.WAITING)[1]) == [f"{key}-large.jpg", f"{key}-small.jpg"]


def test_only_pictures_are_served_from_the_folder_of_portraits(client: Client, media):
    folder = media / pictures.PUBLISHED
    folder.mkdir()
    for name in ("x.svg", "x.html"):
        (folder / name).write_text("<script>alert(1)</script>")
        assert client.get(f"/media/{pictures.PUBLISHED}/{name}").status_code == 404
