"""A house in which nothing has happened yet: which pages say so, in which words, and what there is to do next.

`test_states.py` looks at each; the words are those of the catalogue, so that one row serves both languages.
"""

from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.utils import timezone

from accounts.models import Membership, Role, User
from accounts.terms.models import TermsAcceptance, TermsVersion
from outreach.models import Ambassador
from pages.loading import load_pages
from tests import fixtures
from tests.journeys.every_page import Look, board_with_schools, own_board, school_of_teacher, some_ambassador


@dataclass(frozen=True)
class Nothing:
    """`says` that there is nothing; `next_act` is the link or button for whoever wants to do something about it."""

    look: Look
    says: str
    next_act: str = ""


NO_REQUESTS = "まだ申込みはありません。"
ASK = "派遣を申し込む"
EMPTY_LISTS_OF_THE_DESK = {
    "desk:queue": "いま、ここに並ぶ申込みはありません。",
    "desk:memberships": "確認を待つ人はいません。",
    "desk:domains": "まだ登録がありません。",
    "desk:invitations": "返事を待っている招待はありません。",
    "desk:profiles": "いま、確認を待つ変更はありません。",
    "desk:calendars": "いま、確認を待つ外部カレンダーはありません。",
    "desk:letters": "お知らせメールはありません。",
    "desk:inquiries": "終わっていない問い合わせはありません。",
    "desk:reports": "確認を待つ報告はありません。",
}
NOTHING: tuple[Nothing, ...] = (
    Nothing(Look("wagtail_serve"), "訪問授業", ASK),
    Nothing(Look("wagtail_serve", path="news/"), "まだお知らせはありません。", "新しいお知らせを自動で受け取る（RSS）"),
    Nothing(Look("wagtail_serve", path="events/"), "いま予定されているイベントはありません。", "お知らせを見る"),
    Nothing(Look("reach"), "まだ、実施された訪問はありません。", ASK),
    Nothing(Look("chances"), "まだ申込みが少ないため、見込みを出していません。", ASK),
    Nothing(
        Look("ambassadors:directory"),
        "いま紹介できる推進大使はいません。だれが行くかは事務局が探すので、申込みはできます。",
        ASK,
    ),
    Nothing(Look("my", "teacher"), NO_REQUESTS, ASK),
    Nothing(Look("my", "newcomer"), "はじめに：所属を選ぶ", "学校を選ぶ"),
    Nothing(Look("requests:list", "teacher"), NO_REQUESTS, ASK),
    Nothing(Look("my_colleagues", "orgadmin2"), "まだいません。", "同僚を招待する"),
    Nothing(Look("my", "ambassador"), "いま、返事を待っている打診はありません。", "紹介を直す"),
    Nothing(Look("ambassadors:assistants", "ambassador"), "まだ誰も指名していません。", "秘書に指名する"),
    Nothing(
        Look("availability:calendars", "ambassador"),
        "まだつないでいません。つなぐと、予定のある時間を避けて打診が届きます。",
        "このカレンダーをつなぐ",
    ),
    Nothing(Look("my", "board"), "いま、確かめる申込みはありません。", "設置者の部屋を開く"),
    Nothing(
        Look("boards:room", "board", own_board), "設置する学校の申込みは、まだありません。", "学校の申込みを始める"
    ),
    Nothing(Look("boards:municipalities", "board", own_board), "市区町村の件数"),
    Nothing(Look("my", "member"), NO_REQUESTS, ASK),
    Nothing(Look("requests:list", "member"), NO_REQUESTS, ASK),
    Nothing(Look("my", "viewer"), "訪問授業"),
    Nothing(Look("dashboard", "viewer"), "訪問授業", "目標を見る"),
    Nothing(
        Look("behind", "viewer", more=(("key", "visits"),)),
        "この数のもとになった訪問授業はありません。",
        "指標へ戻る",
    ),
    Nothing(Look("my", "editor"), "いま、することはありません"),
    Nothing(Look("my", "coordinator"), "いま、対応が要るものはありません。"),
    *(Nothing(Look(name, "coordinator"), says) for name, says in EMPTY_LISTS_OF_THE_DESK.items()),
    Nothing(
        Look("desk:queue", "coordinator", query="?q=だれもいない"), "この条件に合う申込みはありません。", "条件を外す"
    ),
    Nothing(Look("desk:ambassador", "coordinator", some_ambassador), "今年度の訪問はまだありません。"),
    Nothing(Look("desk:school", "coordinator", school_of_teacher), "この学校の申込みはまだありません。"),
    Nothing(Look("desk:board", "coordinator", board_with_schools), "経路はまだ変えられていません。"),
)
# Before any list was read in: no school, no board, no ambassador.
NOBODY_YET: tuple[Nothing, ...] = (
    Nothing(
        Look("desk:schools", "coordinator"),
        "学校がまだ登録されていません。サーバーの管理者に、学校の名簿の取り込み（import_schools）を頼んでください。",
    ),
    Nothing(
        Look("desk:boards", "coordinator"),
        "設置者がまだ登録されていません。学校の名簿を取り込むと、学校といっしょに登録されます。",
    ),
    Nothing(
        Look("desk:ambassadors", "coordinator"),
        "推進大使がまだ登録されていません。サーバーの管理者に、名簿の取り込み（import_ambassadors）を頼んでください。",
    ),
)


def nothing_has_happened() -> None:
    """People, schools and the pages that every house has; nobody has asked for anything, no card is public."""
    load_pages()
    version = TermsVersion.objects.get()
    TermsAcceptance.objects.bulk_create(
        TermsAcceptance(user=user, version=version, accepted_at=user.date_joined) for user in User.objects.all()
    )
    Membership.objects.filter(verified_at=None).delete()
    Ambassador.objects.update(is_public=False)


def nobody_but_the_desk() -> None:
    """What migrations brought, and one coordinator."""
    fixtures.leave_only_what_migrations_brought()
    desk = User.objects.create_user("coordinator@demo.example", name="早瀬 香織")
    EmailAddress.objects.create(user=desk, email=desk.email, primary=True, verified=True)
    today = timezone.localdate()
    Membership.objects.create(
        person=desk, role=Role.COORDINATOR, body_name="事務局", from_day=today, verified_at=timezone.now()
    )
    nothing_has_happened()
