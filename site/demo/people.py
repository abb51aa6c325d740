"""The invented people: the accounts of the demo, contact persons, ambassadors, organisations and the desk."""

import datetime as dt
import random
from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from accounts.models import Invitation, MailDomain, Membership, Role, User, Vouching
from demo.names import (
    BODY_OF_THE_DESK,
    BRINGS,
    CALLINGS,
    FROM_ABROAD,
    HOMES_ABROAD,
    HOW_VOUCHED,
    ORGANISATIONS,
    PROPOSED,
    SAYS_IN_CLASS,
    PersonName,
    person_name,
)
from demo.places import seeded_uuid
from outreach.alliance.models import Organisation
from outreach.ambassadors.models import (
    Acceptance,
    Ambassador,
    Appointment,
    Assistant,
    CodeOfConduct,
    Facet,
    FacetKind,
    Language,
    ProfileProposal,
    Theme,
)
from outreach.calendars.models import Feed, Program, Scope
from outreach.schools.places import Stage
from ui import dates

PASSWORD = "kakehashi-demo"
MAIL_DOMAIN = "demo.example"


@dataclass(frozen=True)
class Account:
    """One of the accounts that everybody may use in the demo."""

    who: str
    name: PersonName
    what: str

    @property
    def email(self) -> str:
        return f"{self.who}@{MAIL_DOMAIN}"


ACCOUNTS = (
    Account(
        "teacher", PersonName("佐倉 美帆", "さくら みほ", "Miho Sakura"), "contact person of a high school in Tokyo"
    ),
    Account(
        "teacher2", PersonName("桐野 大輔", "きりの だいすけ", "Daisuke Kirino"), "contact person of a school in Osaka"
    ),
    Account("board", PersonName("三好 恵子", "みよし けいこ", "Keiko Miyoshi"), "board of education of Tokyo"),
    Account("ambassador", PersonName("風見 涼", "かざみ りょう", "Ryo Kazami"), "ambassador in Tokyo"),
    Account(
        "ambassador2", PersonName("水瀬 遥香", "みなせ はるか", "Haruka Minase"), "ambassador in Berlin, online only"
    ),
    Account("member", PersonName("若槻 真", "わかつき まこと", "Makoto Wakatsuki"), "member of an organisation"),
    Account("orgadmin", PersonName("葉室 理恵", "はむろ りえ", "Rie Hamuro"), "admin of the same organisation"),
    Account("orgadmin2", PersonName("久世 渉", "くぜ わたる", "Wataru Kuze"), "admin of another organisation"),
    Account("viewer", PersonName("榊 由香", "さかき ゆか", "Yuka Sakaki"), "ministry, reads the figures"),
    Account("coordinator", PersonName("早瀬 香織", "はやせ かおり", "Kaori Hayase"), "the desk"),
    Account("editor", PersonName("綾部 光", "あやべ ひかる", "Hikaru Ayabe"), "editor of pages"),
    Account("admin", PersonName("真鍋 智", "まなべ さとし", "Satoshi Manabe"), "superuser"),
)
# Further people whom tests and the story of the demo need by name.
OTHERS = (
    Account("colleague", PersonName("長門 悠子", "ながと ゆうこ", "Yuko Nagato"), "teaches at the school of teacher@"),
    Account(
        "newcomer", PersonName("小泉 拓", "こいずみ たく", "Taku Koizumi"), "says to belong to a school, not verified"
    ),
    Account(
        "predecessor", PersonName("大隅 茂", "おおすみ しげる", "Shigeru Osumi"), "coordinated until last 31 March"
    ),
    Account("assistant", PersonName("野々村 梓", "ののむら あずさ", "Azusa Nonomura"), "assistant of ambassador2@"),
)
FEW_AMBASSADORS, MANY_AMBASSADORS = 4, 40
# In-person bases, spread over the country; large prefectures have more.
BASES = ("13", "27", "01", "23", "40", "14", "13", "04", "28", "34", "11", "22", "26", "13", "20", "33", "47", "12", "27",
         "15", "17", "43", "07", "13", "38", "10", "24", "46", "40", "23", "36", "05", "32", "13", "09")  # fmt: skip
POSITIONS = ("教諭（探究担当）", "教諭（進路指導）", "主幹教諭", "教諭（第2学年主任）", "教頭")


class Register:
    """Collects people and saves them in few queries; every account has the same password and a verified address."""

    def __init__(self, rng: random.Random, world: Any) -> None:
        self.rng = rng
        self.world = world
        # Hashing is slow on purpose: once for all.
        self.password = make_password(PASSWORD)
        self.names = 0
        self.users: list[User] = []
        self.memberships: list[Membership] = []

    def user(self, name: PersonName, email: str, **more: Any) -> User:
        user = User(
            public_id=seeded_uuid(self.rng),
            email=email,
            name=name.ja,
            name_kana=name.kana,
            password=self.password,
            date_joined=self.world.begins,
            **more,
        )
        self.users.append(user)
        return user

    def account(self, who: str) -> User:
        account = next(account for account in (*ACCOUNTS, *OTHERS) if account.who == who)
        is_root = who == "admin"
        user = self.user(account.name, account.email, is_superuser=is_root, is_staff=is_root)
        self.world.accounts[who] = user
        return user

    def somebody(self) -> tuple[User, PersonName]:
        name = person_name(self.names)
        self.names += 1
        return self.user(name, f"{name.mailbox}{self.names}@{MAIL_DOMAIN}"), name

    def belongs(self, person: User, role: Role, *, verified: bool = True, **place: Any) -> Membership:
        vouched = {
            "verified_at": self.world.begins + dt.timedelta(days=1, hours=2),
            "verified_by": self.world.accounts["predecessor"],
            "verified_how": Vouching.CALL if role == Role.CONTACT else Vouching.DESK,
            "verification_note": self.rng.choice(HOW_VOUCHED) if role == Role.CONTACT else "",
        }
        membership = Membership(
            public_id=seeded_uuid(self.rng),
            person=person,
            role=role,
            **{"from_day": dates.in_tokyo(self.world.begins).date(), **(vouched if verified else {}), **place},
        )
        self.memberships.append(membership)
        return membership

    def save(self) -> None:
        User.objects.bulk_create(self.users)
        EmailAddress.objects.bulk_create(
            EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in self.users
        )
        Membership.objects.bulk_create(self.memberships)
        # The moment of asking is written by the table itself.
        Membership.objects.filter(verified_at__isnull=False).update(asked_at=self.world.begins)
        # The editor writes and submits; the desk reads and publishes.
        for name, who in (("Editors", "editor"), ("Moderators", "coordinator")):
            Group.objects.get(name=name).user_set.add(self.world.accounts[who])


def staff(register: Register) -> None:
    """The desk, those who read figures, the editor and the superuser; roles of the desk end on 31 March."""
    world = register.world
    last_day = dates.fiscal_year_bounds(world.fiscal_year)[1]
    gone = register.account("predecessor")
    register.belongs(gone, Role.COORDINATOR, body_name=BODY_OF_THE_DESK, until=world.first_day - dt.timedelta(days=1))
    since = {"from_day": world.first_day, "until": last_day}
    register.belongs(register.account("coordinator"), Role.COORDINATOR, body_name=BODY_OF_THE_DESK, **since)
    register.belongs(register.account("viewer"), Role.VIEWER, body_name="文部科学省", **since)
    register.belongs(register.account("editor"), Role.EDITOR, body_name=BODY_OF_THE_DESK, **since)
    register.account("admin")


def contacts(register: Register) -> None:
    """The contact persons of the accounts; in the whole world every other school has one as well."""
    world = register.world
    named = {world.teachers_school: "teacher", world.other_teachers_school: "teacher2"}
    for school in world.schools.values():
        if school in named:
            person = register.account(named[school])
        elif world.is_small:
            continue
        else:
            person, _name = register.somebody()
        world.contacts[school.pk] = person
        register.belongs(person, Role.CONTACT, school=school, position=register.rng.choice(POSITIONS))
    register.belongs(register.account("colleague"), Role.CONTACT, school=world.teachers_school, position="教諭")


def at_the_doors(register: Register) -> None:
    """Who waits for a colleague's word at the teacher's school and at the board; call before `save`."""
    world = register.world
    since = {"from_day": world.today, "verified": False}
    register.belongs(register.somebody()[0], Role.CONTACT, school=world.teachers_school, position="教諭", **since)
    board = world.teachers_school.board
    register.belongs(
        register.somebody()[0], Role.BOARD_MEMBER, board=board, position="指導主事", phone="03-0000-0000", **since
    )


def open_doors(register: Register) -> None:
    """A listed mail domain, and invitations nobody has redeemed yet; call after `save`."""
    world = register.world
    MailDomain.objects.create(
        public_id=seeded_uuid(register.rng),
        domain=f"asanagi-h.ed.{MAIL_DOMAIN}",
        school=world.teachers_school,
        note="学校のサイトに載っているアドレス",
        listed_by=world.accounts["coordinator"],
        listed_at=world.begins,
    )
    guests = (
        ("teacher", f"guest@{MAIL_DOMAIN}", Role.CONTACT, {"school": world.teachers_school}),
        ("orgadmin", f"new.member@{MAIL_DOMAIN}", Role.MEMBER, {"organisation": world.organisations[0]}),
        ("coordinator", f"board.guest@{MAIL_DOMAIN}", Role.BOARD_MEMBER, {"board": world.boards[0]}),
    )
    Invitation.objects.bulk_create(
        Invitation(
            public_id=seeded_uuid(register.rng),
            address=address,
            role=role,
            # Of a secret that nobody knows: the link leaves with "send again".
            token_hash=seeded_uuid(register.rng).hex * 2,
            invited_by=world.accounts[who],
            invited_at=world.now - dt.timedelta(days=1),
            expires_at=world.now + dt.timedelta(days=6),
            **place,
        )
        for who, address, role, place in guests
    )


def calendar_feeds(world: Any) -> None:
    """One calendar each of ambassador@ and teacher@ reads, as it were; nobody knows the secret, the address can be replaced."""
    rng = random.Random("feeds")
    Feed.objects.bulk_create(
        Feed(
            public_id=seeded_uuid(rng),
            person=world.accounts[who],
            name=name,
            scope=scope,
            token_hash=seeded_uuid(rng).hex * 2,
            made_at=world.now - dt.timedelta(days=days),
            address_since=world.now - dt.timedelta(days=days),
            last_used_at=world.now - dt.timedelta(hours=hours),
            last_program=program,
        )
        for who, name, scope, program, days, hours in (
            ("ambassador", "スマートフォン", Scope.FULL, Program.APPLE, 40, 1),
            ("teacher", "教務室の予定表", Scope.BUSY, Program.GOOGLE, 21, 5),
        )
    )


def board_people(register: Register) -> None:
    board = register.world.teachers_school.board
    register.belongs(register.account("board"), Role.BOARD_MEMBER, board=board, position="指導主事")


def second_board(register: Register) -> None:
    """board@ is lent to a municipal board, which passes the requests of its schools on."""
    world = register.world
    register.belongs(world.accounts["board"], Role.BOARD_MEMBER, board=world.passing_boards[0], position="派遣指導主事")


def organisations(register: Register) -> None:
    world = register.world
    world.organisations = Organisation.objects.bulk_create(
        Organisation(
            public_id=seeded_uuid(register.rng),
            slug=slug,
            name_ja=name_ja,
            name_kana=kana,
            name_en=name_en,
            prefecture_code=prefecture,
            joined_on=dates.in_tokyo(world.begins).date(),
        )
        for slug, name_ja, kana, name_en, prefecture in ORGANISATIONS
    )
    first, second, *others = world.organisations
    register.belongs(register.account("member"), Role.MEMBER, organisation=first)
    register.belongs(register.account("orgadmin"), Role.ADMIN, organisation=first)
    register.belongs(register.account("orgadmin2"), Role.ADMIN, organisation=second)
    if not world.is_small:
        for organisation in others:
            register.belongs(register.somebody()[0], Role.ADMIN, organisation=organisation)


def ambassadors(register: Register) -> list[Ambassador]:
    """Unsaved ambassadors with their users; five of forty live abroad and come online only."""
    world, rng = register.world, register.rng
    bases, made = iter(BASES), []
    for number in range(FEW_AMBASSADORS if world.is_small else MANY_AMBASSADORS):
        calling = CALLINGS[number % len(CALLINGS)]
        user, name = _user_of_ambassador(register, number)
        says_ja, says_en = SAYS_IN_CLASS[number % len(SAYS_IN_CLASS)]
        brings_ja, brings_en = BRINGS[number % len(BRINGS)]
        slug = name.mailbox.replace(".", "-")
        place = {"prefecture_code": next(bases), "visits_online": number % 9 != 3} if number % 8 != 1 else {}
        if not place:
            country, zone = HOMES_ABROAD[number // 8]
            place = {"country_code": country, "time_zone": zone, "visits_in_person": False}
        made.append(
            Ambassador(
                public_id=seeded_uuid(rng),
                user=user,
                slug=slug if number < FEW_AMBASSADORS else f"{slug}-{number}",
                name_ja=name.ja,
                name_en=name.en,
                name_kana=name.kana,
                headline_ja=calling.headline_ja,
                headline_en=calling.headline_en,
                about_ja=calling.about_ja + says_ja,
                about_en=f"{calling.about_en} {says_en}",
                expect_ja=brings_ja,
                expect_en=brings_en,
                **place,
            )
        )
        made[-1].search_text = made[-1].found_by()
    return made


def _user_of_ambassador(register: Register, number: int) -> tuple[User, PersonName]:
    named = {0: "ambassador", 1: "ambassador2"}.get(number)
    if named:
        account = next(account for account in ACCOUNTS if account.who == named)
        return register.account(named), account.name
    if number in (9, 25):
        name = FROM_ABROAD[number // 16]
        return register.user(name, f"{name.mailbox}@{MAIL_DOMAIN}", language="en"), name
    return register.somebody()


def save_ambassadors(world: Any, made: list[Ambassador]) -> None:
    """Save them with their competences and an appointment for each fiscal year; a quarter of them is new this year."""
    Ambassador.objects.bulk_create(made)
    gains = Ambassador.competences.through
    gains.objects.bulk_create(
        gains(ambassador=person, competence=world.competences[code])
        for number, person in enumerate(made)
        for code in CALLINGS[number % len(CALLINGS)].competences
    )
    Appointment.objects.bulk_create(
        Appointment(ambassador=person, from_day=first, until=last)
        for number, person in enumerate(made)
        for year in (world.fiscal_year - 1, world.fiscal_year)
        for first, last in [dates.fiscal_year_bounds(year)]
        if year == world.fiscal_year or number % 4 != 3
    )
    _say_what_they_offer(made)
    _accept_the_code(world, made)
    if not world.is_small:
        _assistants_and_proposals(world, made)
    world.ambassadors = made
    world.new_ambassadors = {person.pk for number, person in enumerate(made) if number % 4 == 3}


def _say_what_they_offer(made: list[Ambassador]) -> None:
    """Themes, stages and languages, by which they are found."""
    themes = [theme for theme in Theme if theme != Theme.OTHER]
    further = (Language.CHINESE, Language.GERMAN, Language.KOREAN, Language.SPANISH)
    facets = []
    for number, person in enumerate(made):
        spoken = [Language.JAPANESE]
        if person.country_code != "JP" or number % 5 == 2:
            spoken.append(Language.ENGLISH)
        if number % 11 == 5:
            spoken.append(further[number % len(further)])
        reached = [Stage.HIGH] if number % 7 == 4 else [Stage.ELEMENTARY, Stage.JUNIOR_HIGH, Stage.HIGH]
        told = {
            FacetKind.THEME: {themes[number % len(themes)], themes[(number * 2 + 3) % len(themes)]},
            FacetKind.STAGE: reached if number % 3 else reached[-2:],
            FacetKind.LANGUAGE: spoken,
        }
        facets += [
            Facet(ambassador=person, kind=kind, value=value)
            for kind, values in told.items()
            for value in sorted(values)
        ]
    Facet.objects.bulk_create(facets)


def _accept_the_code(world: Any, made: list[Ambassador]) -> None:
    """Everybody has accepted the code of conduct in the first days of each of their years."""
    Acceptance.objects.bulk_create(
        Acceptance(
            ambassador=person,
            code=CodeOfConduct.objects.in_force(year),
            fiscal_year=year,
            accepted_at=dates.at_tokyo(dates.fiscal_year_bounds(year)[0], dt.time(10)) + dt.timedelta(days=number % 9),
        )
        for number, person in enumerate(made)
        for year in (world.fiscal_year - 1, world.fiscal_year)
        if year == world.fiscal_year or number % 4 != 3
    )


def _assistants_and_proposals(world: Any, made: list[Ambassador]) -> None:
    """One ambassador has an assistant; two have changed their cards, and the desk has not read it yet."""
    abroad = made[1]
    Assistant.objects.create(
        ambassador=abroad,
        email=world.accounts["assistant"].email,
        named_by=abroad.user,
        named_at=world.now - dt.timedelta(days=40),
    )
    for number, (says_ja, says_en) in ((2, PROPOSED[0]), (6, PROPOSED[1])):
        person = made[number]
        ProfileProposal.objects.create(
            ambassador=person,
            headline_ja=person.headline_ja,
            headline_en=person.headline_en,
            about_ja=person.about_ja + says_ja,
            about_en=f"{person.about_en} {says_en}",
            expect_ja=person.expect_ja,
            expect_en=person.expect_en,
            made_by=person.user,
            made_at=world.now - dt.timedelta(days=number, hours=3),
        )
