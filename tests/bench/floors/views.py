"""The least that a page of each kind can do in Django."""

import datetime as dt
import json

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import condition

from tests.bench.floors.models import Row
from tests.bench.floors.settings import PLAIN

FIFTY = [
    {"number": n, "name": f"学校{n}", "place": "東京都", "state": "open", "day": dt.date(2026, 4, 1), "amount": n}
    for n in range(1, 51)
]


def html(request: HttpRequest) -> HttpResponse:
    return HttpResponse("<!doctype html><title>floor</title><p>floor</p>")


def db(request: HttpRequest) -> HttpResponse:
    return HttpResponse(Row.objects.get(number=100).name)


def table50(request: HttpRequest) -> HttpResponse:
    return render(request, "floors/rows.html", {"rows": FIFTY})


def db_rows(request: HttpRequest, count: int) -> HttpResponse:
    return render(request, "floors/rows.html", {"rows": Row.objects.order_by("number")[:count]})


def cached(request: HttpRequest) -> HttpResponse:
    return HttpResponse(
        cache.get_or_set("rows", lambda: render_to_string("floors/rows.html", {"rows": Row.objects.all()[:200]}), None)
    )


def plain(request: HttpRequest, name: str) -> HttpResponse:
    """A page of the house as a template of its elements, filled with its words."""
    words = cache.get(name)
    if words is None:
        words = json.loads((PLAIN / f"{name}.json").read_text(encoding="utf-8"))
        cache.set(name, words, None)
    return render(request, f"{name}.html", {"words": words})


same = condition(etag_func=lambda request: '"rows"')(cached)
