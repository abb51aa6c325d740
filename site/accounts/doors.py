"""The doors by which people come in: as whom somebody signs up, and where they go on afterwards."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

IN_SESSION = "door"
INVITED = "invitation"


@dataclass(frozen=True)
class Door:
    """One way in: its name, for whom it is, what comes next, and the page that asks for the place."""

    key: str
    title: Any
    words: Any
    view: str
    add: Any

    @property
    def url(self) -> str:
        return reverse(self.view)


DOORS = {
    door.key: door
    for door in (
        Door(
            "school",
            _("学校"),
            _("派遣の申込みをする先生・職員の方。登録のあとで、学校を選びます。"),
            "choose_school",
            _("学校を加える"),
        ),
        Door(
            "board",
            _("教育委員会ほか設置者"),
            _("教育委員会、私学担当課、国立大学法人などの方。登録のあとで、設置者を選びます。"),
            "choose_board",
            _("教育委員会ほか設置者を加える"),
        ),
        Door(
            "organisation",
            _("参画機関"),
            _("アライアンスに参画している機関の方。登録のあとで、機関を選びます。"),
            "choose_organisation",
            _("参画機関を加える"),
        ),
    )
}


def asked_for(request: HttpRequest) -> str:
    """The door that the address or the form names; a form without one comes from a school, a bare address from nobody."""
    told = request.POST.get(IN_SESSION) if request.method == "POST" else request.GET.get(IN_SESSION)
    if told in DOORS or told == INVITED:
        return told
    return "school" if request.method == "POST" else ""


def keep(request: HttpRequest, door: str) -> None:
    """Which door it was is known again when the code has been typed."""
    if door in DOORS:
        request.session[IN_SESSION] = door


def page_behind(request: HttpRequest) -> str:
    """The page that asks for the place, once; "" when no door was taken in this browser."""
    door = request.session.pop(IN_SESSION, None)
    return DOORS[door].view if door in DOORS else ""
