"""What has been written to the desk."""

import pytest

from outreach.inquiries import actions
from outreach.models import Inquiry

WORDS = {
    "text": "cnry-concern: 授業のあとに連絡先を聞かれました。",
    "when_where": "cnry-where",
    "name": "cnry-name",
    "mail": "cnry-mail@example.jp",
    "phone": "090-0000-0000",
    "writer": "pupil",
    "school_may_know": "ask",
    "danger": "yes",
}
ASKED = {
    "topic": "visit",
    "text": "離島の学校にも来てもらえますか。\n船は1日2便です。",
    "name": "山田 花子",
    "mail": "hanako@example.jp",
    "place": "架橋町立西小学校",
}


@pytest.fixture
def concern(db) -> Inquiry:
    return actions.send(kind="concern", **WORDS)


@pytest.fixture
def question(db) -> Inquiry:
    return actions.send(kind="question", **ASKED)
