"""Makes the tables of the floors, 200 rows and a page of five blocks: `python -m tests.bench.floors.fill`."""

import datetime as dt

import django

TEXT = "自分で問題を見つけ、挑み、人と協力する力を育てる授業です。先生が希望の日時を出すと、お返事します。"


def fill() -> None:
    from django.core.management import call_command
    from wagtail.models import Locale, Page, Site

    from tests.bench.floors.models import BlocksPage, Row

    call_command("migrate", run_syncdb=True, verbosity=0)
    places = ("北海道", "東京都", "京都府", "沖縄県")
    Row.objects.bulk_create(
        Row(
            number=n,
            name=f"第{n}高等学校",
            place=places[n % 4],
            state="open",
            day=dt.date(2026, 4, 1 + n % 28),
            amount=n,
        )
        for n in range(1, 201)
    )
    Locale.objects.get_or_create(language_code="en")
    top = Page.add_root(title="Root", slug="root")
    blocks = [
        ("heading", "起業家が教室へ"),
        ("paragraph", f"<p>{TEXT}</p><p>{TEXT}</p>"),
        ("lines", ["費用はかかりません", "対面でもオンラインでも", "小・中・高校、高専"]),
        ("quotation", TEXT),
        ("fact", {"label": "かかる時間", "text": TEXT}),
    ]
    home = top.add_child(instance=BlocksPage(title="Five blocks", slug="home", body=blocks))
    Site.objects.create(hostname="localhost", root_page=home, is_default_site=True)


if __name__ == "__main__":
    django.setup()
    fill()
