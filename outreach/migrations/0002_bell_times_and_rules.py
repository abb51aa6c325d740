"""Default bell times per stage, and the first version of the intake rules; staff change both on screens."""

import datetime as dt

from django.db import migrations

# (first lesson begins, minutes of a lesson, then the beginnings)
BELLS = {
    "elementary": (45, ("8:45", "9:35", "10:40", "11:30", "13:45", "14:35")),
    "junior_high": (50, ("8:50", "9:50", "10:50", "11:50", "13:30", "14:30")),
    "high": (50, ("8:50", "9:50", "10:50", "11:50", "13:30", "14:30", "15:30")),
    "technical_college_upper": (90, ("9:00", "10:40", "13:00", "14:40")),
    "vocational_upper": (50, ("9:00", "10:00", "11:00", "12:00", "13:40", "14:40")),
    "other": (50, ("9:00", "10:00", "11:00", "13:00", "14:00", "15:00")),
}
CLOSES = {2025: dt.date(2026, 2, 27), 2026: dt.date(2027, 2, 26), 2027: dt.date(2028, 2, 25)}


def clock(text):
    hour, minute = text.split(":")
    return dt.datetime(2000, 1, 1, int(hour), int(minute))


def load(apps, schema_editor):
    BellTime = apps.get_model("outreach", "BellTime")
    for stage, (minutes, beginnings) in BELLS.items():
        for period, text in enumerate(beginnings, start=1):
            begins = clock(text)
            BellTime.objects.get_or_create(school=None, stage=stage, period=period, defaults={
                "starts_at": begins.time(), "ends_at": (begins + dt.timedelta(minutes=minutes)).time()})
    IntakeRules = apps.get_model("outreach", "IntakeRules")
    for year, closes_on in CLOSES.items():
        IntakeRules.objects.get_or_create(fiscal_year=year, version=1, defaults={
            "opens_on": dt.date(year, 4, 1), "closes_on": closes_on})


class Migration(migrations.Migration):
    dependencies = [("outreach", "0001_first_tables")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
