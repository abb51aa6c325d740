"""Every form that people fill in, with data that it takes, and what hostile hands put into its fields."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from curriculum.models import Competence
from demo.people import PASSWORD
from outreach.models import Board, School

KEY = "11111111-1111-4111-8111-111111111111"
NOWHERE = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class Form:
    """`good` gives data that the form takes, from the thing the form is about; `who` fills it in."""

    name: str
    page: Callable[[Any], str]
    good: Callable[[Any], dict[str, Any]]
    who: str | None = "school_contact"
    thing: str = "school"
    further: tuple[str, ...] = ()
    not_kept: frozenset[str] = field(default_factory=frozenset)

    def __str__(self) -> str:
        return self.name

    def fields(self, thing: Any) -> list[str]:
        return [*self.good(thing), *self.further]


def at(template: str) -> Callable[[Any], str]:
    """The address of a page about the thing."""
    return lambda thing: template.format(id=thing.public_id)


def slots(thing: Any) -> list[str]:
    return [str(slot.public_id) for slot in thing.slots.order_by("rank")]


FORMS = (
    Form(
        "signup",
        lambda _thing: "/accounts/signup/",
        lambda _thing: {
            "name": "山田 花子",
            "name_kana": "やまだ はなこ",
            "email": "hanako@example.jp",
            "password1": "tanbo-to-ine-2026",
        },
        who=None,
        not_kept=frozenset({"password1"}),
    ),
    Form(
        "name",
        lambda _thing: "/my/name/",
        lambda _thing: {"name": "山田 花子", "name_kana": "やまだ はなこ"},
    ),
    Form(
        "login",
        lambda _thing: "/accounts/login/",
        lambda _thing: {"login": "teacher@demo.example", "password": PASSWORD},
        who=None,
        further=("remember", "next"),
        not_kept=frozenset({"password", "remember", "next"}),
    ),
    Form("reset", lambda _thing: "/accounts/password/reset/", lambda _thing: {"email": "hanako@example.jp"}, who=None),
    Form(
        "role-grant",
        at("/desk/people/{id}/grant/"),
        lambda _thing: {
            "role": "viewer",
            "body_name": "文部科学省",
            "is_ministry": "on",
            "reason": "4月の異動で担当になりました。",
            "form_key": KEY,
        },
        who="superuser",
        thing="person",
        not_kept=frozenset({"role", "is_ministry", "form_key"}),
    ),
    *(
        Form(
            f"person-{act}",
            at(f"/desk/people/{{id}}/{act}/"),
            lambda _thing: {"reason": "行動規範についての申し出を確かめるあいだ"},
            who="superuser",
            thing=thing,
        )
        for act, thing in (("pause", "person"), ("reopen", "paused_person"), ("second-factor", "person_with_app"))
    ),
    *(
        Form(
            f"role-{act}",
            at(f"/desk/people/roles/{{id}}/{act}/"),
            lambda _thing: {"reason": "来年度も担当します。"},
            who="superuser",
            thing="role_ending_soon",
        )
        for act in ("renew", "end")
    ),
    Form(
        "question",
        lambda _thing: "/contact/write/",
        lambda _thing: {
            "topic": "visit",
            "text": "離島の学校にも来てもらえますか。",
            "name": "山田 花子",
            "mail": "hanako@example.jp",
            "place": "架橋町立西小学校",
            "form_key": KEY,
        },
        who=None,
        not_kept=frozenset({"topic", "form_key"}),
    ),
    Form(
        "concern",
        lambda _thing: "/safety/report/",
        lambda _thing: {
            "text": "授業のあと、連絡先を聞かれました。",
            "danger": "no",
            "when_where": "先週の金曜日、体育館で",
            "writer": "pupil",
            "name": "山田 花子",
            "mail": "hanako@example.jp",
            "phone": "03-0000-0000",
            "school_may_know": "ask",
            "form_key": KEY,
        },
        who=None,
        not_kept=frozenset({"danger", "writer", "school_may_know", "form_key"}),
    ),
    Form(
        "inquiry-note",
        at("/desk/inquiries/{id}/note/"),
        lambda _thing: {"note": "電話で話しました。", "form_key": KEY},
        who="coordinator",
        thing="new_concern",
        not_kept=frozenset({"form_key"}),
    ),
    Form(
        "inquiry-answer",
        at("/desk/inquiries/{id}/answer/"),
        lambda _thing: {"text": "ご連絡ありがとうございます。", "then_close": "on", "form_key": KEY},
        who="coordinator",
        thing="new_concern",
        not_kept=frozenset({"then_close", "form_key"}),
    ),
    *(
        Form(
            f"inquiry-{act}",
            at(f"/desk/inquiries/{{id}}/{act}/"),
            lambda _thing: {"reason": "学校と話し、済みました。"},
            who="coordinator",
            thing=thing,
        )
        for act, thing in (("close", "concern_in_hand"), ("reopen", "closed_question"))
    ),
    Form("login-code", lambda _thing: "/accounts/login/code/", lambda _thing: {"email": "hanako@example.jp"}, who=None),
    Form(
        "join",
        lambda _thing: "/my/school/",
        lambda school: {
            "school": str(School.objects.exclude(pk=school.pk).open().first().public_id),
            "position": "教諭",
            "phone": "03-0000-0000",
        },
        not_kept=frozenset({"school"}),
    ),
    Form(
        "school-settings",
        at("/my/school/{id}/settings/"),
        lambda _thing: {"main_mail": "daihyo@school.example.jp", "may_be_named": "on"},
        not_kept=frozenset({"may_be_named"}),
    ),
    Form(
        "bell-times",
        at("/my/school/{id}/bells/high/"),
        lambda _thing: {"from_1": "9:00", "until_1": "9:45", "from_2": "10:00", "until_2": "10:45"},
        further=("from_8", "until_8"),
    ),
    Form(
        "school-facts",
        at("/desk/schools/{id}/"),
        lambda _thing: {
            "main_mail": "daihyo@school.example.jp",
            "main_phone": "03-0000-0000",
            "is_remote": "on",
            "may_be_named": "on",
        },
        who="coordinator",
        not_kept=frozenset({"is_remote", "may_be_named"}),
    ),
    Form(
        "school-founder",
        at("/desk/schools/{id}/founder/"),
        lambda _thing: {"new_name": "架橋学校組合教育委員会", "new_kind": "municipality", "reason": "学校に電話で確認"},
        who="coordinator",
        further=("board",),
        not_kept=frozenset({"new_kind", "board"}),
    ),
    Form(
        "signup-board",
        lambda _thing: "/accounts/signup/?door=board",
        lambda _thing: {
            "door": "board",
            "name": "山田 花子",
            "name_kana": "やまだ はなこ",
            "email": "hanako@example.jp",
            "password1": "tanbo-to-ine-2026",
        },
        who=None,
        not_kept=frozenset({"password1", "door"}),
    ),
    Form(
        "join-board",
        lambda _thing: "/my/board/",
        lambda _thing: {
            "board": str(Board.objects.first().public_id),
            "position": "指導主事",
            "phone": "03-0000-0000",
        },
        not_kept=frozenset({"board"}),
    ),
    Form(
        "join-organisation",
        lambda _thing: "/my/organisation/",
        lambda organisation: {
            "organisation": str(organisation.public_id),
            "position": "主任",
            "phone": "03-0000-0000",
        },
        thing="organisation",
        not_kept=frozenset({"organisation"}),
    ),
    Form(
        "invite",
        at("/my/memberships/{id}/invite/"),
        lambda _thing: {"address": "guest@example.jp", "form_key": KEY},
        thing="own_membership",
        not_kept=frozenset({"form_key"}),
    ),
    Form(
        "invite-as-admin",
        at("/my/memberships/{id}/invite/"),
        lambda _thing: {"address": "guest@example.jp", "role": "admin", "form_key": KEY},
        who="org_admin",
        thing="membership_of_admin",
        not_kept=frozenset({"form_key", "role"}),
    ),
    Form(
        "desk-invite",
        at("/desk/invitations/new/?role=contact&place=school:{id}"),
        lambda _thing: {"address": "guest@example.jp", "language": "en", "form_key": KEY},
        who="coordinator",
        not_kept=frozenset({"form_key", "language"}),
    ),
    Form(
        "desk-invite-staff",
        lambda _thing: "/desk/invitations/new/?role=viewer",
        lambda _thing: {
            "address": "guest@example.jp",
            "body_name": "文部科学省",
            "language": "ja",
            "form_key": KEY,
        },
        who="superuser",
        not_kept=frozenset({"form_key", "language"}),
    ),
    Form(
        "domain",
        at("/desk/domains/new/?place=school:{id}"),
        lambda _thing: {"domain": "sakura-h.example.ed.jp", "note": "学校のサイト", "form_key": KEY},
        who="coordinator",
        not_kept=frozenset({"form_key"}),
    ),
    Form(
        "end-membership",
        at("/desk/memberships/{id}/end/"),
        lambda _thing: {"reason": "学校から連絡がありました"},
        who="coordinator",
        thing="own_membership",
    ),
    Form(
        "successor",
        at("/requests/{id}/contact/"),
        lambda _thing: {"successor": str(account("colleague").public_id)},
        thing="open_request",
        not_kept=frozenset({"successor"}),
    ),
    Form(
        "hand-over",
        at("/requests/hand-over/{id}/"),
        lambda _thing: {"successor": str(account("colleague").public_id)},
        thing="membership_with_request",
        not_kept=frozenset({"successor"}),
    ),
    Form(
        "approval",
        at("/requests/{id}/approval/"),
        lambda _thing: {"principal_name": "校長 太郎", "principal_agreed_on": "2026-11-20"},
        thing="open_request",
    ),
    Form(
        "request-new",
        lambda _thing: "/requests/new/",
        lambda school: {
            "school": str(school.public_id),
            "contact_phone": "03-0000-0000",
            "contact_hours": "16時以降",
            "principal_name": "校長 太郎",
            "principal_agreed_on": "2026-11-19",
            "form_key": KEY,
        },
        not_kept=frozenset({"school", "form_key"}),
    ),
    Form(
        "occasion-host",
        lambda _thing: "/requests/new/?kind=event",
        lambda organisation: {
            "host": str(organisation.public_id),
            "contact_phone": "03-0000-0000",
            "contact_hours": "16時以降",
            "form_key": KEY,
        },
        who="org_member",
        thing="organisation",
        not_kept=frozenset({"host", "form_key"}),
    ),
    Form(
        "occasion-dates",
        at("/requests/{id}/edit/dates/"),
        lambda _thing: {
            "day_1": "2026-12-12",
            "from_1": "9:30",
            "until_1": "17:00",
            "answer_by": "2026-12-05",
            "times_note": "午後だけでもよい",
        },
        who="org_member",
        thing="draft_event",
        further=("day_2", "from_2", "until_2"),
    ),
    Form(
        "occasion-lesson",
        at("/requests/{id}/edit/lesson/"),
        lambda _thing: {
            "title": "起業家と語る会",
            "aims": "30分の講演",
            "audience": "中学生",
            "people_expected": "120",
            "ambassadors_wanted": "2",
            "format": "in_person",
            "place": "小ホール",
            "access": "駅から徒歩",
            "equipment": "マイク",
            "wishes": "なし",
        },
        who="org_member",
        thing="draft_event",
        not_kept=frozenset({"format"}),
    ),
    Form(
        "content-lesson",
        at("/requests/{id}/edit/lesson/"),
        lambda _thing: {
            "title": "10分の動画",
            "aims": "起業のきっかけ",
            "audience": "中学生",
            "due_on": "2027-01-15",
            "wishes": "https://www.example.jp/rei",
        },
        who="org_member",
        thing="draft_content",
    ),
    Form(
        "message",
        at("/visits/{id}/messages/"),
        lambda _thing: {
            "text": "教室に電源はありますか",
            "shows_pupils": "no",
            "has_consent": "yes",
            "form_key": KEY,
        },
        thing="confirmed_visit",
        not_kept=frozenset({"shows_pupils", "has_consent", "form_key"}),
    ),
    Form(
        "outcome",
        at("/visits/{id}/report/"),
        lambda _thing: {
            "people": "118",
            "ambassadors_present": "1",
            "link": "https://www.example.jp/kai",
            "format": "in_person",
            "comment": "よい対話",
            "may_be_quoted": "on",
            "form_key": KEY,
        },
        who="org_member",
        thing="past_event",
        not_kept=frozenset({"format", "may_be_quoted", "form_key"}),
    ),
    Form(
        "outcome-content",
        at("/visits/{id}/report/"),
        lambda _thing: {
            "link": "https://www.example.jp/douga",
            "comment": "字幕つき",
            "may_be_quoted": "on",
            "form_key": KEY,
        },
        who="org_member",
        thing="accepted_content",
        not_kept=frozenset({"may_be_quoted", "form_key"}),
    ),
    Form(
        "request-school",
        at("/requests/{id}/edit/school/"),
        lambda _thing: {"contact_phone": "03-0000-0000", "contact_hours": "16時以降"},
        thing="draft_request",
        further=("principal_name", "principal_agreed_on"),
    ),
    Form(
        "request-dates",
        at("/requests/{id}/edit/dates/"),
        lambda _thing: {
            "day_1": "2026-12-14",
            "periods_1": ["3", "4"],
            "day_2": "2026-12-15",
            "from_2": "9:40",
            "until_2": "10:30",
            "answer_by": "2026-12-05",
            "times_note": "午前がよい",
        },
        thing="draft_request",
        further=("school_day_1", "from_1", "day_3", "periods_3"),
        not_kept=frozenset({"periods_1", "periods_3", "school_day_1"}),
    ),
    Form(
        "request-lesson",
        at("/requests/{id}/edit/lesson/"),
        lambda _thing: {
            "format": "in_person",
            "theme": "story",
            "aims": "挑む力",
            "competences": [Competence.objects.first().code],
            "lesson_name": "探究",
            "course": "full_time",
            "grade_high_2": "74",
            "class_words": "2年3組",
            "place": "体育館",
            "equipment": "端末",
            "access": "駅から徒歩",
            "wishes": "なし",
        },
        thing="draft_request",
        further=("grade_high_1", "ambassadors_wanted"),
        not_kept=frozenset({"format", "theme", "competences", "course"}),
    ),
    Form(
        "request-joint",
        lambda request: f"/requests/{request.public_id}/edit/schools/?school={other_school(request)}",
        lambda _thing: {"grade_high_1": "30", "form_key": KEY},
        thing="draft_request",
        further=("grade_high_2",),
        not_kept=frozenset({"form_key"}),
    ),
    Form(
        "dates",
        at("/requests/{id}/dates/"),
        lambda _thing: {
            "day_3": "2026-12-21",
            "from_3": "9:40",
            "until_3": "10:30",
            "answer_by": "2026-12-04",
            "form_key": KEY,
        },
        thing="request_of_two_days",
        further=("school_day_3", "periods_3"),
        not_kept=frozenset({"periods_3", "school_day_3", "form_key"}),
    ),
    Form(
        "reopen",
        at("/requests/{id}/reopen/"),
        lambda _thing: {
            "day_1": "2026-12-21",
            "periods_1": ["3", "4"],
            "answer_by": "2026-12-04",
            "form_key": KEY,
        },
        thing="withdrawn_request",
        further=("school_day_1", "from_1", "until_1", "day_2"),
        not_kept=frozenset({"periods_1", "school_day_1", "form_key"}),
    ),
    Form(
        "board-route",
        at("/desk/boards/{id}/"),
        lambda _thing: {"route": "via", "reason": "経由にしたいとの連絡"},
        who="coordinator",
        thing="board",
        not_kept=frozenset({"route"}),
    ),
    Form(
        "board-ask",
        at("/boards/{id}/ask/"),
        lambda board: {
            "schools": [str(School.objects.filter(board=board, memberships__isnull=False).first().public_id)],
            "format": "in_person",
            "theme": "story",
            "aims": "挑む力を知る",
            "wishes": "なし",
            "form_key": KEY,
        },
        who="board_member",
        thing="board",
        not_kept=frozenset({"schools", "format", "theme", "form_key"}),
    ),
    Form(
        "desk-pass-on",
        at("/desk/requests/{id}/pass-on/"),
        lambda _thing: {"reason": "11月20日、指導課に電話"},
        who="coordinator",
        thing="request_with_board",
    ),
    Form(
        "board-hand-back",
        at("/requests/{id}/hand-back/"),
        lambda _thing: {"reason": "人数を確かめてください。"},
        who="board_member",
        thing="request_with_board",
    ),
    Form(
        "move",
        at("/visits/{id}/move/"),
        lambda _thing: {"day_1": "2026-12-21", "periods_1": ["3", "4"], "reason": "行事です。", "form_key": KEY},
        thing="confirmed_visit",
        further=("school_day_1", "from_1", "until_1"),
        not_kept=frozenset({"periods_1", "school_day_1", "form_key"}),
    ),
    Form(
        "refuse-move",
        lambda proposal: f"/visits/{proposal.visit.public_id}/move/{proposal.public_id}/refuse/",
        lambda _thing: {"note": "定期考査の日です。"},
        thing="proposal",
    ),
    Form("leave", at("/visits/{id}/leave/"), lambda _thing: {"reason": "発熱です。"}, "ambassador", "visit_of_two"),
    Form("not-held", at("/visits/{id}/not-held/"), lambda _thing: {"reason": "大雪です。"}, thing="past_visit"),
    Form(
        "withdraw", at("/requests/{id}/withdraw/"), lambda _thing: {"reason": "行事です。"}, thing="submitted_request"
    ),
    Form("cancel", at("/visits/{id}/cancel/"), lambda _thing: {"reason": "閉鎖です。"}, thing="confirmed_visit"),
    Form(
        "accept",
        at("/offers/{id}/accept/"),
        lambda offer: {"slot": slots(offer)[0], "note": "楽しみです。"},
        who="ambassador",
        thing="waiting_offer",
        not_kept=frozenset({"slot"}),
    ),
    Form(
        "decline-offer",
        at("/offers/{id}/decline/"),
        lambda offer: {"decline-note": "出張です。", "decline-could_do": slots(offer.request)[2:]},
        who="ambassador",
        thing="waiting_offer",
        not_kept=frozenset({"decline-could_do"}),
    ),
    Form(
        "report",
        at("/visits/{id}/report/"),
        lambda _thing: {"present_high_2": "72", "format": "in_person", "comment": "よい問い", "may_be_quoted": "on"},
        thing="past_visit",
        further=("present_high_1",),
        not_kept=frozenset({"format", "may_be_quoted"}),
    ),
    Form(
        "offer",
        at("/desk/requests/{id}/offer/"),
        lambda request: {
            "ambassador": str(ambassador_id()),
            "slots": slots(request)[:2],
            "expires_on": "2026-11-27",
            "message": "お願いします。",
            "buffer_before": "120",
            "buffer_after": "120",
            "override_reason": "急ぐため。",
            "form_key": KEY,
        },
        who="coordinator",
        thing="open_request",
        not_kept=frozenset({"ambassador", "slots", "form_key"}),
    ),
    *(
        Form(
            f"hours-{part}",
            at(f"/my/availability/{{id}}/{part}/"),
            lambda _thing, part=part, good=good: {f"{part}-{name}": value for name, value in good.items()},
            who="ambassador_abroad",
            thing="ambassador_abroad",
            not_kept=frozenset(f"{part}-{name}" for name in not_kept),
        )
        for part, good, not_kept in (
            (
                "weekly",
                {
                    "weekdays": ["0", "2"],
                    "from_time": "9:00",
                    "until_time": "17:00",
                    "zone": "Europe/Berlin",
                    "valid_from": "2026-12-01",
                    "valid_until": "2027-03-31",
                },
                ("weekdays", "zone"),
            ),
            (
                "days",
                {
                    "kind": "blocked",
                    "first_day": "2026-12-28",
                    "last_day": "2027-01-04",
                    "from_time": "9:00",
                    "until_time": "12:00",
                    "zone": "Europe/Berlin",
                },
                ("kind", "zone"),
            ),
            (
                "stays",
                {"place": "13", "weekday": "1", "first_day": "2027-02-03", "last_day": "2027-02-14", "in_person": "on"},
                ("place", "weekday", "in_person"),
            ),
            (
                "conditions",
                {
                    "notice_days": "14",
                    "most_per_day": "1",
                    "most_per_week": "2",
                    "buffer_in_person": "60",
                    "buffer_online": "15",
                    "farthest_km": "300",
                    "time_zone": "Europe/Berlin",
                },
                ("buffer_in_person", "buffer_online", "time_zone"),
            ),
        )
    ),
    Form(
        "retract",
        at("/desk/offers/{id}/retract/"),
        lambda _thing: {"reason": "別の方に。"},
        "coordinator",
        "waiting_offer",
    ),
    Form(
        "vouch",
        at("/desk/memberships/{id}/"),
        lambda _thing: {"how": "call", "note": "教頭に電話"},
        who="coordinator",
        thing="waiting_membership",
        not_kept=frozenset({"how"}),
    ),
    Form(
        "rules",
        lambda _thing: "/desk/rules/",
        lambda _thing: {
            "opens_on": "2026-04-01",
            "closes_on": "2027-02-26",
            "mode": "first_come",
            "slots_wanted": "3",
            "days_ahead": "14",
            "answer_days": "7",
            "offer_days": "5",
            "board_days": "7",
            "travel_buffer": "90",
            "online_buffer": "15",
            "most_per_month": "4",
            "most_per_year": "20",
            "only_ministry_verifies": "on",
            "note": "見直し",
        },
        who="coordinator",
        not_kept=frozenset({"mode", "only_ministry_verifies"}),
    ),
    Form(
        "waitlist",
        at("/desk/requests/{id}/waitlist/"),
        lambda _thing: {"reason": "予算を待ちます。"},
        "coordinator",
        "submitted_request",
    ),
    Form(
        "unmatch",
        at("/desk/requests/{id}/unmatch/"),
        lambda _thing: {"reason": "見つかりません。"},
        "coordinator",
        "open_request",
    ),
    Form(
        "for-a-school",
        lambda school: f"/desk/requests/new/?school={school.public_id}",
        lambda _thing: {
            "entry": "afterwards",
            "channel": "phone",
            "contact": "nobody",
            "caller_name": "教頭",
            "contact_phone": "03-0000-0000",
            "contact_hours": "16時以降",
            "evidence": "学校だより",
            "form_key": KEY,
        },
        who="coordinator",
        not_kept=frozenset({"entry", "channel", "contact", "form_key"}),
    ),
    Form(
        "for-the-desk",
        lambda _thing: "/desk/requests/new/?host=desk",
        lambda _thing: {
            "entry": "asked",
            "kind": "contest",
            "channel": "mail",
            "caller_name": "実行委員会",
            "contact_phone": "03-0000-0000",
            "contact_hours": "16時以降",
            "evidence": "要項",
            "form_key": KEY,
        },
        who="coordinator",
        not_kept=frozenset({"entry", "kind", "channel", "form_key"}),
    ),
    Form(
        "write-dates",
        at("/desk/requests/{id}/write/dates/"),
        lambda _thing: {
            "day_1": "2026-12-14",
            "periods_1": ["3", "4"],
            "answer_by": "2026-12-05",
            "times_note": "午前がよい",
        },
        who="coordinator",
        thing="dictated_request",
        further=("from_1", "until_1", "day_2"),
        not_kept=frozenset({"periods_1"}),
    ),
    Form(
        "write-other",
        at("/desk/requests/{id}/write/lesson/"),
        lambda _thing: {
            "title": "未来の町コンテスト",
            "aims": "講評をお願いしたい",
            "format": "in_person",
            "ambassadors_wanted": "2",
            "audience": "高校生",
            "people_expected": "120",
            "place": "市民会館",
            "wishes": "なし",
        },
        who="coordinator",
        thing="dictated_contest",
        not_kept=frozenset({"format"}),
    ),
    Form(
        "book-arranged",
        at("/desk/requests/{id}/write/confirm/"),
        lambda _thing: {
            "ambassadors": [str(ambassador_id())],
            "override_reason": "急ぐため。",
            "q": "",
            "form_key": KEY,
        },
        who="coordinator",
        thing="arranged_request",
        not_kept=frozenset({"ambassadors", "form_key"}),
    ),
    Form(
        "report-on-behalf",
        at("/desk/visits/{id}/report/"),
        lambda _thing: {
            "on_behalf_source": "教頭から電話",
            "present_high_2": "72",
            "format": "in_person",
            "comment": "よい問い",
            "may_be_quoted": "on",
        },
        who="coordinator",
        thing="past_visit",
        further=("present_high_1",),
        not_kept=frozenset({"format", "may_be_quoted"}),
    ),
    Form(
        "correct",
        at("/desk/visits/{id}/correct/"),
        lambda _thing: {
            "reason": "数え直し",
            "present_high_2": "70",
            "format": "in_person",
            "comment": "よい問い",
            "may_be_quoted": "on",
        },
        who="coordinator",
        thing="verified_visit",
        further=("present_high_1",),
        not_kept=frozenset({"format", "may_be_quoted"}),
    ),
    Form(
        "limits",
        at("/desk/ambassadors/{id}/"),
        lambda _thing: {"most_per_month": "2", "most_per_year": "12"},
        who="coordinator",
        thing="ambassador",
    ),
    Form(
        "profile",
        lambda _thing: "/my/profile/",
        lambda _thing: {
            "headline_ja": "海藻の会社",
            "headline_en": "Seaweed",
            "about_ja": "港町の話",
            "about_en": "A harbour town",
            "expect_ja": "1コマでも",
            "expect_en": "One period",
            "form_key": KEY,
        },
        who="ambassador",
        thing="ambassador",
        further=("recognisable",),
        not_kept=frozenset({"recognisable", "form_key"}),
    ),
    Form(
        "offering",
        lambda _thing: "/my/profile/offering/",
        lambda _thing: {
            "formats": ["in_person", "online"],
            "stages": ["high"],
            "themes": ["story"],
            "languages": ["ja", "en"],
        },
        who="ambassador",
        thing="ambassador",
        not_kept=frozenset({"formats", "stages", "themes", "languages"}),
    ),
    Form(
        "assistants",
        lambda _thing: "/my/assistants/",
        lambda _thing: {"email": "hisho@example.jp", "form_key": KEY},
        who="ambassador",
        thing="ambassador",
        not_kept=frozenset({"form_key"}),
    ),
    Form(
        "calendars",
        lambda _thing: "/my/availability/calendars/",
        # Of a host that waits for the desk: nothing is read.
        lambda _thing: {
            "address": "https://cloud.example.jp/calendars/0a1b2c.ics",
            "name": "団体の予定",
            "counts_all_day": "on",
            "form_key": KEY,
        },
        who="ambassador",
        thing="ambassador",
        not_kept=frozenset({"counts_all_day", "form_key"}),
    ),
    Form(
        "calendar",
        at("/my/availability/calendars/{id}/"),
        lambda _thing: {"name": "会社", "counts_all_day": "on"},
        who="ambassador",
        thing="waiting_calendar",
        not_kept=frozenset({"counts_all_day"}),
    ),
    Form(
        "refuse-calendar",
        at("/desk/calendars/{id}/refuse/"),
        lambda _thing: {"reason": "本人の団体のものではありません。"},
        who="coordinator",
        thing="waiting_calendar",
    ),
    Form(
        "feeds",
        lambda _thing: "/my/feeds/",
        lambda _thing: {"name": "スマートフォン", "scope": "busy", "form_key": KEY},
        who="ambassador",
        thing="ambassador",
        not_kept=frozenset({"scope", "form_key"}),
    ),
    Form(
        "feed-name",
        at("/my/feeds/{id}/"),
        lambda _thing: {"name": "教務室の予定表"},
        who="ambassador",
        thing="feed_of_ambassador",
    ),
    Form(
        "appoint",
        at("/desk/ambassadors/{id}/appoint/"),
        lambda _thing: {"from_day": "2027-04-01", "until": "2028-03-31"},
        who="coordinator",
        thing="ambassador",
    ),
    Form(
        "end-appointment",
        at("/desk/ambassadors/{id}/appointments/2026-04-01/"),
        lambda _thing: {"until": "2026-12-31", "reason": "本人の申し出です。"},
        who="coordinator",
        thing="ambassador",
    ),
    Form(
        "pause",
        at("/desk/ambassadors/{id}/pause/"),
        lambda _thing: {"reason": "病気です。"},
        "coordinator",
        "ambassador",
    ),
    Form(
        "card-address",
        at("/desk/ambassadors/{id}/card/"),
        lambda _thing: {"slug": "kazami", "is_public": "on"},
        who="coordinator",
        thing="ambassador",
        not_kept=frozenset({"is_public"}),
    ),
    Form(
        "decide-profile",
        at("/desk/profiles/{id}/"),
        lambda proposal: {
            "decision": "decline",
            "reason": "出典を添えてください。",
            "version": str(proposal.version),
            "form_key": KEY,
        },
        who="coordinator",
        thing="card_that_waits",
        not_kept=frozenset({"decision", "version", "form_key"}),
    ),
    Form(
        "conduct",
        lambda _thing: "/desk/conduct/",
        lambda _thing: {
            "fiscal_year": "2026",
            "body_ja": "約束",
            "body_en": "A promise",
            "asks_again": "on",
            "note": "見直し",
            "form_key": KEY,
        },
        who="coordinator",
        thing="ambassador",
        not_kept=frozenset({"fiscal_year", "asks_again", "form_key"}),
    ),
    Form(
        "target",
        lambda _thing: "/dashboard/targets/students/",
        lambda _thing: {"amount": "9000", "stages": ["high"], "note": "見直し"},
        who="coordinator",
        not_kept=frozenset({"stages"}),
    ),
)

# Filters and searches: the address with its parameters, and who looks.
SEARCHES = (
    ("/my/school/", ("prefecture", "name", "school"), "school_contact"),
    ("/requests/", ("page",), "school_contact"),
    ("/desk/", ("q", "prefecture", "list", "page"), "coordinator"),
    ("/my/board/", ("prefecture", "name", "board"), "school_contact"),
    ("/my/organisation/", ("name", "organisation"), "school_contact"),
    ("/accounts/signup/", ("door", "next"), None),
    ("/desk/memberships/", ("q", "page"), "coordinator"),
    ("/desk/domains/", ("q", "page"), "coordinator"),
    ("/desk/invitations/", ("page",), "coordinator"),
    ("/desk/invitations/new/", ("role", "place", "q"), "coordinator"),
    ("/desk/invitations/new/", ("role", "place", "q"), "superuser"),
    ("/desk/reports/", ("page",), "coordinator"),
    ("/desk/letters/", ("q", "state", "page"), "coordinator"),
    ("/desk/requests/new/", ("prefecture", "name", "school", "host"), "coordinator"),
    ("/desk/ambassadors/", ("q", "page"), "coordinator"),
    ("/desk/people/", ("q", "list", "page"), "coordinator"),
    ("/desk/boards/", ("q", "prefecture", "route", "page"), "coordinator"),
    ("/desk/profiles/", ("page",), "coordinator"),
    ("/desk/inquiries/", ("kind", "state", "page"), "coordinator"),
    (
        "/ambassadors/",
        ("q", "prefecture", "theme", "stage", "format", "competence", "language", "page"),
        "school_contact",
    ),
    ("/dashboard/", ("as_of", "year"), "viewer"),
    ("/dashboard/behind/visits/", ("as_of", "year", "page"), "viewer"),
)

HOSTILE = {
    "empty": "",
    "long": "あ" * 100_000,
    "wide": "１２３ＡＢＣ",
    "control": "a\x00b\x07\x1b[31m\u202e\u200b\r\nBcc: x@example.jp",
    "html": "<script>alert(1)</script>{{ 7|add:7 }}%(x)s' OR 1=1 --",
    "emoji": "😀👩🏽‍🏫",
}
HOSTILE_TO_NUMBERS = {
    "huge": "9" * 40,
    "negative": "-1",
    "id": NOWHERE,
    "first-day": "0001-01-01",
    "last-day": "9999-12-31",
    "no-day": "99999999999999999999-1-1",
    "no-clock": "99999999999999999999:00",
}
WORDS = {
    *("name", "name_kana", "email", "password1", "login", "password", "position", "phone", "contact_phone"),
    *("contact_hours", "times_note", "aims", "lesson_name", "class_words", "place", "equipment", "access", "wishes"),
    *("reason", "note", "decline-note", "comment", "message", "q", "override_reason", "caller_name", "evidence"),
    *("title", "audience", "on_behalf_source", "text", "address", "domain", "principal_name", "body_name"),
    *("mail", "when_where"),
    *("headline_ja", "headline_en", "about_ja", "about_en"),
    *("expect_ja", "expect_en", "slug", "body_ja", "body_en"),
}


def hostile_to(name: str) -> dict[str, str]:
    """What is put into a field of this name."""
    return HOSTILE if name in WORDS else HOSTILE | HOSTILE_TO_NUMBERS


def worst_for(name: str) -> dict[str, str]:
    """What gets furthest while all other fields are right: each of these is tried in one field alone."""
    if name in WORDS:
        chosen = {"long", "control"}
    elif name.startswith(("day_", "answer_by", "due_on", "expires_on", "opens_on", "closes_on", "principal_agreed_on")):
        chosen = {"first-day", "last-day", "no-day"}
    elif name.startswith(("from_", "until_")):
        chosen = {"huge", "no-clock"}
    else:
        chosen = {"control", "huge"}
    return {what: value for what, value in hostile_to(name).items() if what in chosen}


def other_school(request: Any) -> Any:
    return School.objects.open().filter(type_code="D1").exclude(pk=request.school_id).first().public_id


def account(who: str) -> Any:
    from tests.factories import account

    return account(who)


def ambassador_id() -> Any:
    from tests.factories import ambassador_of

    return ambassador_of("ambassador").public_id
