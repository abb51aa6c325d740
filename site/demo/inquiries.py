"""What people of the invented world have written to its desk: two questions, and two concerns, one of them settled."""

from typing import Any

from outreach.inquiries import actions


class Inquiries:
    """By the real verbs; `present` gives the diary, the days and the desk."""

    def __init__(self, present: Any) -> None:
        self.present, self.desk = present, present.desk

    def tell(self) -> None:
        self._settled_concern()
        self._answered_question()
        self._new_question()
        self._new_concern()

    def _on(self, days_ago: int, hour: int) -> None:
        self.present.diary.turn_to(self.present.ago(days_ago, hour))

    def _settled_concern(self) -> None:
        self._on(12, 17)
        row = actions.send(
            kind="concern",
            text="授業のスライドに、別の学校の教室の写真がありました。名札が読めそうで気になりました。",
            danger="no",
            when_where="先週の出前授業、2年生の教室",
            writer="school",
            mail="kizuki@demo.example",
            school_may_know="yes",
        )
        self._on(12, 18)
        actions.take(row, by=self.desk)
        self._on(11, 10)
        actions.note(
            row, by=self.desk, text="推進大使に電話で確認。写真の学校の同意はあるが、名札が読める大きさだった。"
        )
        self._on(10, 11)
        actions.answer(row, by=self.desk, text="確かめて、対応しました。知らせてくださり、ありがとうございました。")
        self._on(10, 11)
        actions.close(
            row, by=self.desk, reason="写真を差し替えてもらった。推進大使の全員に、写真の約束をもう一度知らせた。"
        )

    def _answered_question(self) -> None:
        self._on(8, 11)
        row = actions.send(
            kind="question",
            topic="organisation",
            text="商工会議所です。会員企業の経営者を推進大使に推薦できますか。",
            name="浜田 実",
            mail="hamada@demo.example",
            place="入江商工会議所",
        )
        self._on(7, 14)
        actions.answer(
            row,
            by=self.desk,
            text="任命は年度ごとで、次の募集は2月の予定です。募集のお知らせは、このサイトに載せます。",
            then_close=True,
        )

    def _new_question(self) -> None:
        self._on(2, 15)
        actions.send(
            kind="question",
            topic="visit",
            text="全校で40人の小学校です。複式学級でも来ていただけますか。保護者も一緒に聞いてよいでしょうか。",
            name="大沢 文",
            mail="osawa@demo.example",
            place="山あいの小学校",
        )

    def _new_concern(self) -> None:
        self._on(1, 16)
        actions.send(
            kind="concern",
            text="授業のあと、廊下で「SNSでつながろう」と言われました。ことわりにくかったです。どうしたらいいですか。",
            danger="unsure",
            when_where="きのうの午後、体育館の前のろうか",
            writer="pupil",
            school_may_know="ask",
            mail="nakimushi@demo.example",
        )
