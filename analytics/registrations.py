"""What analytics shows in the named places of lower parts."""

import datetime as dt
from collections.abc import Callable

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.panels import MyLine, MyPanel
from analytics.kpis import figures
from ui import places
from ui.context import MenuEntry, menu_entry


def reach_entry(request: HttpRequest) -> MenuEntry:
    return menu_entry(request, _("活動の広がり"), reverse("reach"))


def dashboard_entry(request: HttpRequest) -> MenuEntry | None:
    if request.user.is_authenticated and request.user.reads_metrics:
        return menu_entry(request, _("指標"), reverse("dashboard"))
    return None


def metrics_panel(user: User) -> MyPanel | None:
    """For those who read metrics: where the figures stand."""
    if not user.reads_metrics:
        return None
    reach = figures.reach()
    return MyPanel(
        _("指標"),
        [],
        [
            MyLine(figure.label, reverse("dashboard"), f"{figure.verified}{figure.unit}　{figure.target_words}")
            for figure in reach.headline
        ],
        "",
    )


def home_figures() -> figures.Reach:
    """As the first page shows them to strangers and to people signed in alike; it keeps what it draws for half a minute."""
    return figures.reach()


def public_addresses() -> list[tuple[Callable[[], str], dt.datetime | None]]:
    return [(lambda: reverse("reach"), None)]


def register() -> None:
    places.menu.register(reach_entry, rank=30)
    places.menu.register(dashboard_entry, rank=45)
    places.my_page.register(metrics_panel, rank=40)
    places.home_figures.register(home_figures)
    places.in_sitemap.register(public_addresses)
