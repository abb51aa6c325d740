"""申込みの見込み: how often requests become a visit and how long an answer takes, for everybody to read."""

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from outreach.requests import chances as facts
from outreach.requests.models import Kind, Request
from outreach.schools.places import PREFECTURES, prefecture_choices, prefecture_name
from ui import dates
from ui.caching import for_strangers


@for_strangers
@require_safe
def chances(request: HttpRequest) -> HttpResponse:
    """The months of a school year in order, for the whole country and beside it for one prefecture."""
    found = facts.chances()
    prefecture = _prefecture(request)
    return render(
        request,
        "outreach/requests/chances.html",
        {
            "found": found,
            "prefecture": prefecture,
            "name": prefecture_name(prefecture),
            "choices": prefecture_choices(),
            "has_bands": any(place == prefecture for place, _month in found.bands),
            "share": found.prefectures.get(prefecture),
            "usual": found.usual_in.get(prefecture),
            "months": [
                {
                    "name": dates.month_name(month),
                    "share": found.months.get(month),
                    "band": facts.band_words(band) if (band := found.bands.get((prefecture, month))) else "",
                }
                for month in facts.MONTHS
            ],
            "contrasts": [
                {"first": words[0], "second": words[1], "found": found.contrasts[what]}
                for what, words in _ways_to_ask().items()
                if what in found.contrasts
            ],
            "bands": [{"least": least, "words": facts.band_words(band)} for least, band in facts.BANDS],
            "least_schools": facts.LEAST_SCHOOLS,
            "least_requests": facts.LEAST_REQUESTS,
        },
    )


def _prefecture(request: HttpRequest) -> str:
    """The one asked for, or that of the reader's own school."""
    asked = request.GET.get("prefecture", "")
    if asked or not request.user.is_authenticated:
        return asked if asked in PREFECTURES else ""
    schools = [place.school for place in request.user.current_memberships if place.school_id]
    return schools[0].prefecture_code if schools else ""


def _ways_to_ask() -> dict[str, tuple[str, str]]:
    return {
        "wishes": (_("希望日時が1つ"), _("希望日時が2つ以上")),
        "online": (_("対面だけ"), _("オンラインでもよい")),
        "ahead": (
            _("申込みから%(days)s日より近い第1希望") % {"days": facts.FAR_AHEAD},
            _("申込みから%(days)s日以上先の第1希望") % {"days": facts.FAR_AHEAD},
        ),
    }


def outlook(row: Request, days: list[dt.date]) -> dict[str, Any] | None:
    """What the request form says beside these wished days of a school's request; None for what has no school."""
    if row.kind != Kind.SCHOOL_VISIT or row.school is None:
        return None
    found = facts.chances()
    prefecture = row.school.prefecture_code
    return {
        "sentences": found.sentences(prefecture, days),
        "usual": found.usual_in.get(prefecture) or found.usual,
        "wishes": found.helps("wishes"),
        "prefecture": prefecture,
        "as_of": found.as_of,
    }
