"""What outreach shows in the named places of lower parts."""

import datetime as dt
from collections.abc import Callable

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from outreach.ambassadors.rules import speaks_for_somebody
from outreach.availability import guards
from outreach.requests.chances import usual_days
from outreach.requests.intake import intake_now
from outreach.requests.rules import may_ask
from outreach.visits import actions as visit_actions
from ui import places
from ui.context import MenuEntry, PageLink, menu_entry


def requests_entry(request: HttpRequest) -> MenuEntry | None:
    user = request.user
    if user.is_authenticated and not may_ask(user):
        return None
    if not user.is_authenticated:
        return menu_entry(request, _("派遣の申込み"), reverse("requests:new"))
    return menu_entry(request, _("申込み"), reverse("requests:list"))


def desk_entry(request: HttpRequest) -> MenuEntry | None:
    if request.user.is_authenticated and request.user.is_coordinator:
        return menu_entry(request, _("事務局"), reverse("desk:queue"))
    return None


def ambassadors_entry(request: HttpRequest) -> MenuEntry | None:
    return menu_entry(request, _("推進大使をさがす"), reverse("ambassadors:directory"))


def my_entry(request: HttpRequest) -> MenuEntry | None:
    return menu_entry(request, _("マイページ"), reverse("my")) if request.user.is_authenticated else None


def calendar_link(user: User) -> PageLink | None:
    return PageLink(_("カレンダー"), reverse("calendar"))


def hours_link(user: User) -> PageLink | None:
    return PageLink(_("空き時間を決める"), reverse("availability:show")) if speaks_for_somebody(user) else None


def openings_link(user: User) -> PageLink | None:
    return PageLink(_("相手を探している授業"), reverse("openings")) if speaks_for_somebody(user) else None


def feeds_link(user: User) -> PageLink | None:
    from outreach.calendars.rules import may_open_feeds

    return PageLink(_("カレンダーの購読"), reverse("calendars:feeds")) if may_open_feeds(user) else None


def public_addresses() -> list[tuple[Callable[[], str], dt.datetime | None]]:
    """What search engines may know of this part: the directory, each public card, the chances."""
    from outreach.ambassadors.models import Ambassador

    def card(slug: str) -> Callable[[], str]:
        return lambda: reverse("ambassadors:card", args=(slug,))

    return [
        (lambda: reverse("ambassadors:directory"), None),
        (lambda: reverse("chances"), None),
        *((card(slug), None) for slug in Ambassador.objects.in_public().values_list("slug", flat=True)),
    ]


def register() -> None:
    from outreach.ambassadors.models import ambassadors_among
    from outreach.availability.panels import calendars_panel
    from outreach.availability.refresh import refresh_due
    from outreach.availability.sources import read_due
    from outreach.boards.actions import remind_boards
    from outreach.boards.panels import board_panel, boards_entry
    from outreach.calendars.actions import end_feeds_of
    from outreach.desk.letters import note_given_up
    from outreach.desk.panels import concerns_panel, desk_panel
    from outreach.inquiries.actions import forget_closed_inquiries
    from outreach.inquiries.views import part_of_page
    from outreach.messages import actions as message_actions
    from outreach.messages.threads import my_panel, on_visit
    from outreach.requests.handover import open_matters
    from outreach.requests.history import know
    from outreach.visits.panels import ambassador_panel, assistant_panel, host_panel, matters_of_person, school_panel
    from outreach.visits.states import LIFE_OF_A_RESCHEDULE, LIFE_OF_A_VISIT, LIFE_OF_AN_OFFER

    know(LIFE_OF_AN_OFFER, send=gettext_lazy("推進大使に打診しました"))
    know(LIFE_OF_A_VISIT, confirm=gettext_lazy("訪問が決まりました"))
    know(LIFE_OF_A_RESCHEDULE, propose=gettext_lazy("日時の変更を相談しました"))

    places.menu.register(my_entry, rank=10)
    places.menu.register(requests_entry, rank=20)
    places.menu.register(boards_entry, rank=30)
    places.menu.register(ambassadors_entry, rank=15)
    places.menu.register(desk_entry, rank=40)
    places.my_page.register(concerns_panel, rank=1)
    places.in_sitemap.register(public_addresses)
    places.my_page.register(school_panel, rank=10)
    places.my_page.register(board_panel, rank=15)
    places.my_page.register(host_panel, rank=17)
    places.my_page.register(ambassador_panel, rank=20)
    places.my_page.register(my_panel, rank=25)
    places.my_page.register(assistant_panel, rank=22)
    places.my_page.register(calendars_panel, rank=23)
    places.my_page.register(desk_panel, rank=30)
    places.my_links.register(calendar_link, rank=10)
    places.my_links.register(hours_link, rank=12)
    places.my_links.register(openings_link, rank=14)
    places.my_links.register(feeds_link, rank=20)
    places.account_paused.register(end_feeds_of)
    places.visit_page.register(on_visit, rank=20)
    places.open_matters.register(open_matters)
    places.matters_of_person.register(matters_of_person)
    places.other_roles.register(ambassadors_among)
    places.home_intake.register(intake_now)
    places.home_usual_days.register(usual_days)
    places.letter_given_up.register(note_given_up)
    places.health.register(guards.health)
    places.tick_jobs.register(visit_actions.expire_offers, rank=10)
    places.tick_jobs.register(visit_actions.expire_reschedules, rank=12)
    places.tick_jobs.register(visit_actions.begin_visits, rank=14)
    places.tick_jobs.register(visit_actions.expire_requests, rank=16)
    places.tick_jobs.register(visit_actions.remind_of_reports, rank=20)
    places.tick_jobs.register(refresh_due, rank=30)
    places.tick_jobs.register(message_actions.throw_away_lost_files, rank=90)
    places.tick_jobs.register(forget_closed_inquiries, rank=92)
    places.page_form.register(part_of_page)
    places.tick_jobs.register(remind_boards, rank=22)
    # Last: it waits for servers elsewhere.
    places.tick_jobs.register(read_due, rank=95)
