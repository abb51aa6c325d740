"""A teacher and an ambassador write to each other: reading is marked by looking, and by a button without JavaScript."""

import pytest

from outreach.messages import actions
from outreach.models import Message, Reading
from tests.factories import confirmed_visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_thread_is_read_by_looking_at_it(visitor, people):
    visit = confirmed_visit()
    page = f"/visits/{visit.public_id}/messages/"
    actions.write(visit, by=people.ambassador.user, text="教室に電源はありますか。")

    teacher = visitor()
    teacher.sign_in("teacher@demo.example")
    teacher.open("/my/")
    teacher.press("メッセージを読む")
    teacher.page.get_by_text("既読になりました。").wait_for()
    assert list(Reading.objects.values_list("party", flat=True)) == ["school"]
    teacher.page.locator("#write > summary").click()
    teacher.look()
    teacher.fill("メッセージ", "前と後ろに2口ずつあります。")
    teacher.press("送る")
    assert teacher.reads("メッセージを送りました")
    assert Message.objects.count() == 2
    teacher.open(f"/visits/{visit.public_id}/")
    teacher.look()

    ambassador = visitor()
    ambassador.sign_in("ambassador@demo.example")
    # As without JavaScript: nothing happens until the button is pressed.
    ambassador.page.route("**/ui*.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    ambassador.open(page)
    ambassador.look()
    assert Reading.objects.count() == 1
    ambassador.press("既読にする")
    assert sorted(Reading.objects.values_list("party", flat=True)) == ["ambassador", "school"]
