"""A picture stays inside until somebody has said whether pupils can be recognised on it."""

from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.core.files.images import ImageFile
from django.test import Client
from PIL import Image

from pages.blocks import PictureBlock
from pages.pictures import People, Picture

pytestmark = [
    pytest.mark.django_db,
    # Willow leaves the file it draws into to the collector.
    pytest.mark.filterwarnings("ignore:[Uu]nclosed file:ResourceWarning"),
]
UNSAID, NOBODY, UNKNOWABLE, PUPILS = People.UNSAID, People.NOBODY, People.UNKNOWABLE, People.PUPILS
ANSWERS = [(UNSAID, False, False), (UNSAID, True, False), (NOBODY, False, True), (UNKNOWABLE, False, True)]
ANSWERS += [(PUPILS, False, False), (PUPILS, True, True)]


@pytest.fixture
def picture() -> Picture:
    drawn = BytesIO()
    Image.new("RGB", (40, 30), "navy").save(drawn, "PNG")
    drawn.seek(0)
    return Picture.objects.create(title="教室", file=ImageFile(drawn, name="kyoshitsu.png"))


def fetch(client: Client, url: str) -> tuple[int, str]:
    """Status and cache rule; the file is closed, the database is not."""
    answer = client.get(url)
    if answer.streaming:
        for close in answer._resource_closers:
            close()
    return answer.status_code, answer.get("Cache-Control", "")


@pytest.mark.parametrize(("people", "has_consent", "is_shown"), ANSWERS)
def test_strangers_see_it_on_the_page_and_at_its_address_only_when_both_is_answered(
    people, has_consent, is_shown, picture, plain
):
    picture.people, picture.has_consent = people, has_consent
    picture.save()
    words = {"picture": picture, "alt": "教室の机", "is_decoration": False, "caption": ""}
    plain("about", body=[("picture", words)], share_picture=picture)
    text = Client().get("/about/").content.decode()
    drawing = picture.get_rendition("width-1280")
    assert (drawing.url in text) is is_shown
    assert [fetch(Client(), url)[0] for url in (drawing.url, picture.file.url)] == [200 if is_shown else 404] * 2


def test_a_picture_whose_consent_is_withdrawn_leaves_the_page_at_once(picture, plain):
    picture.people, picture.has_consent = PUPILS, True
    picture.save()
    plain("about", body=[("picture", {"picture": picture, "alt": "教室の机", "is_decoration": False, "caption": ""})])
    drawing = picture.get_rendition("width-1280")
    assert drawing.url in Client().get("/about/").content.decode()
    picture.has_consent = False
    picture.save()
    assert drawing.url not in Client().get("/about/").content.decode()


def test_whoever_writes_pages_sees_it_before(picture, editor, school_contact):
    answers = []
    for person in (editor, school_contact):
        client = Client()
        client.force_login(person)
        answers.append(fetch(client, picture.file.url))
    assert [status for status, _rule in answers] == [200, 404]
    assert "no-store" in answers[0][1]


def choose(picture: Picture, **more) -> dict:
    block = PictureBlock()
    return block.clean(block.to_python({"picture": picture.pk, "alt": "机", "is_decoration": False, **more}))


def test_a_page_takes_no_picture_without_answers_and_none_without_words(picture):
    with pytest.raises(ValidationError):
        choose(picture)
    Picture.objects.filter(pk=picture.pk).update(people=NOBODY)
    assert choose(picture)["picture"] == picture
    with pytest.raises(ValidationError):
        choose(picture, alt="")
    assert choose(picture, alt="", is_decoration=True)
