"""What school, ambassador and desk of the invented world have written to each other: by the real verbs, like all of today."""

import datetime as dt
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import User
from outreach.lives import Party
from outreach.messages import actions
from outreach.messages.inspection import harmless
from outreach.models import Message, Visit
from outreach.visits.states import VisitState
from ui import dates

DAY, MINUTE = dt.timedelta(days=1), dt.timedelta(minutes=1)
SCHOOL, AMBASSADOR, DESK = Party.SCHOOL, Party.AMBASSADOR, Party.COORDINATOR

# (whose words, how many days ago, the hour, the words, whether the others have read it)
TO_COME = (
    (
        AMBASSADOR,
        8,
        10,
        "はじめまして。どうぞよろしくお願いします。\n試作品を何点か持っていけます。教室に電源はありますか。",
        True,
    ),
    (
        SCHOOL,
        7,
        16,
        "ありがとうございます。電源は前と後ろに2口ずつあります。延長コードも用意します。\n当日の流れを添えました。",
        True,
    ),
    (AMBASSADOR, 6, 9, "流れを拝見しました。はじめの10分で自己紹介、残りは生徒のみなさんとの対話にします。", True),
    (DESK, 5, 13, "事務局です。旅費の書類は、訪問のあとにこちらからお送りします。", True),
    (AMBASSADOR, 1, 17, "前日の夕方に最寄り駅に着きます。当日は何時ごろに受付に伺えばよいでしょうか。", False),
)
ONLINE = (
    (SCHOOL, 6, 16, "接続の確認を15分ほどお願いできますか。放課後ならいつでも大丈夫です。", True),
    (AMBASSADOR, 4, 20, "水曜日の16時（日本時間）はいかがでしょうか。画面の共有も試したいです。", False),
)
QUESTION = ((AMBASSADOR, 2, 11, "駐車場をお借りできますか。機材があるので、車で伺いたいと思っています。", False),)
PAST = (
    (
        SCHOOL,
        -1,
        17,
        "本日はありがとうございました。生徒から、もっと話を聞きたかったという声がたくさんありました。",
        True,
    ),
    (AMBASSADOR, -2, 10, "こちらこそ、よい問いをたくさんいただきました。またお声がけください。", True),
)
FLOW = "当日の流れ\r\n10:30　受付（正面玄関）\r\n10:40　打合せ（会議室）\r\n10:50　授業（体育館）\r\n12:40　終わり\r\n"


class Threads:
    """Messages of visits to come and of one that is over; `present` gives the diary and the days."""

    def __init__(self, present: Any) -> None:
        self.present, self.world, self.diary = present, present.world, present.diary

    def tell(self) -> None:
        coming = Visit.objects.planned().filter(request__channel="site", request__kind="school_visit")
        mine = coming.filter(school=self.world.teachers_school, participations__ambassador=self.present.ambassador)
        abroad = coming.filter(participations__ambassador=self.world.ambassadors[1])
        told = []
        for visits, thread in ((mine, TO_COME), (abroad, ONLINE), (coming, QUESTION)):
            visit = visits.exclude(pk__in=told).order_by("starts_at", "pk").first()
            if visit is not None:
                told.append(visit.pk)
                self._write(visit, thread)
        over = Visit.objects.filter(school=self.world.teachers_school, ends_at__gt=timezone.now() - 80 * DAY)
        over = over.filter(state__in=(VisitState.REPORTED, VisitState.VERIFIED), request__channel="site")
        if (visit := over.order_by("-starts_at", "pk").first()) is not None:
            self._write(visit, PAST)

    def _write(self, visit: Visit, thread: tuple) -> None:
        """Word after word, none before the visit was confirmed and none later than now."""
        last = visit.confirmed_at if visit.is_over else self._confirmed(visit)
        for number, (party, days, hour, words, is_read) in enumerate(thread):
            wanted = dates.at_tokyo(self._day(visit, days), dt.time(hour, 7 + 11 * number))
            last = min(max(wanted, last + 5 * MINUTE), self.world.now - (len(thread) - number) * MINUTE)
            self.diary.turn_to(last)
            files = [harmless(SimpleUploadedFile("当日の流れ.txt", FLOW.encode()))] if "添えました" in words else []
            message = actions.write(visit, by=self._person(visit, party), text=words, attachments=files)
            if is_read:
                self._read(visit, message, last)

    def _day(self, visit: Visit, days: int) -> dt.date:
        """A school day so many days ago, or after the visit when the number is below nothing."""
        day = visit.day - days * DAY if days < 0 else self.world.today - days * DAY
        while not dates.is_school_weekday(day):
            day += DAY if days < 0 else -DAY
        return day

    def _confirmed(self, visit: Visit) -> dt.datetime:
        """The diary has not yet moved the verbs of today to their days: it knows the day of the last page before."""
        pages = [moment for start, moment in self.diary.pages if start <= visit.confirmed_at]
        return pages[-1] if pages else visit.confirmed_at

    def _read(self, visit: Visit, message: Message, written: dt.datetime) -> None:
        self.diary.turn_to(min(written + 40 * MINUTE, self.world.now - MINUTE))
        for party in (SCHOOL, AMBASSADOR, DESK):
            if party != message.party:
                actions.mark_read(visit, by=self._person(visit, party), up_to=message)

    def _person(self, visit: Visit, party: Party) -> User:
        if party == DESK:
            return self.present.desk
        return visit.request.contact if party == SCHOOL else visit.present_ambassadors[0].user
