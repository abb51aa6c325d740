"""What the database itself refuses about kept time, on PostgreSQL and on SQLite alike.

`ambassador_free_at_that_time`: no two holds of one ambassador for different requests overlap, buffers included. On
PostgreSQL it is an exclusion constraint made by a migration, on SQLite two triggers with the same meaning.
`hold_has_an_alive_owner`: an offer or a proposal does not end while it still keeps time.
`visit_keeps_its_holds`: whoever takes part in a visit that holds time has that time kept.
`visit_frees_its_holds`: the time of a cancelled or missed visit is free from that moment.
`appointments_do_not_overlap`: no two appointments of one ambassador share a day; made like the first.

SQLite drops a table's triggers when a migration rebuilds it, and refuses to rebuild a table that another table's trigger
names. So the triggers go before every migrate and come back after it; a system check and /healthz watch over them.
"""

from typing import Any

from django.core import checks
from django.db import IntegrityError, connections
from django.db import connection as default_connection

FREE = "ambassador_free_at_that_time"
OWNED = "hold_has_an_alive_owner"
KEPT = "visit_keeps_its_holds"
FREED = "visit_frees_its_holds"
APPOINTED = "appointments_do_not_overlap"

_OVERLAP = """EXISTS (SELECT 1 FROM outreach_hold other
    WHERE other.ambassador_id = NEW.ambassador_id AND other.is_holding
      AND other.blocked_from < NEW.blocked_until AND other.blocked_until > NEW.blocked_from
      AND other.request_id <> NEW.request_id AND other.id IS NOT NEW.id)"""
_TWICE_APPOINTED = """EXISTS (SELECT 1 FROM outreach_appointment other
    WHERE other.ambassador_id = NEW.ambassador_id AND other.from_day <= NEW.until AND other.until >= NEW.from_day
      AND other.id IS NOT NEW.id)"""
_DEAD_OWNER = """EXISTS (SELECT 1 FROM outreach_offer
    WHERE id = NEW.offer_id AND state NOT IN ('sent', 'accepted') AND NEW.visit_id IS NULL)"""
_STILL_NEEDED = """EXISTS (SELECT 1 FROM outreach_participation p JOIN outreach_visit v ON v.id = p.visit_id
    WHERE p.visit_id = OLD.visit_id AND p.ambassador_id = OLD.ambassador_id AND p.left_at IS NULL
      AND v.slot_id IS NOT NULL AND v.state NOT IN ('cancelled', 'not_held'))"""
_TIME_MISSING = """NEW.left_at IS NULL
    AND EXISTS (SELECT 1 FROM outreach_visit v
      WHERE v.id = NEW.visit_id AND v.slot_id IS NOT NULL AND v.state NOT IN ('cancelled', 'not_held'))
    AND NOT EXISTS (SELECT 1 FROM outreach_hold h
      WHERE h.visit_id = NEW.visit_id AND h.ambassador_id = NEW.ambassador_id AND h.is_holding)"""

# (name, said when broken, event, table, condition); on both engines the condition stands for itself.
_REFUSING = (
    (
        f"{OWNED}_offer",
        OWNED,
        "BEFORE UPDATE OF state",
        "outreach_offer",
        (
            "NEW.state IN ('declined', 'expired', 'retracted') AND EXISTS (SELECT 1 FROM outreach_hold h"
            " WHERE h.offer_id = NEW.id AND h.is_holding AND h.visit_id IS NULL)"
        ),
    ),
    (
        f"{OWNED}_reschedule",
        OWNED,
        "BEFORE UPDATE OF state",
        "outreach_reschedule",
        "NEW.state <> 'open' AND EXISTS (SELECT 1 FROM outreach_hold h WHERE h.reschedule_id = NEW.id AND h.is_holding)",
    ),
    (f"{OWNED}_insert", OWNED, "BEFORE INSERT", "outreach_hold", f"NEW.is_holding AND {_DEAD_OWNER}"),
    (
        KEPT,
        KEPT,
        "BEFORE UPDATE OF is_holding, visit_id",
        "outreach_hold",
        (
            "OLD.is_holding AND OLD.visit_id IS NOT NULL"
            f" AND (NOT NEW.is_holding OR NEW.visit_id IS NULL OR NEW.visit_id <> OLD.visit_id) AND {_STILL_NEEDED}"
        ),
    ),
    (f"{KEPT}_participation", KEPT, "BEFORE INSERT", "outreach_participation", _TIME_MISSING),
)
_REFUSING_ON_SQLITE = (
    (f"{FREE}_insert", FREE, "BEFORE INSERT", "outreach_hold", f"NEW.is_holding AND {_OVERLAP}"),
    (f"{FREE}_update", FREE, "BEFORE UPDATE", "outreach_hold", f"NEW.is_holding AND {_OVERLAP}"),
    (f"{APPOINTED}_insert", APPOINTED, "BEFORE INSERT", "outreach_appointment", _TWICE_APPOINTED),
    (f"{APPOINTED}_update", APPOINTED, "BEFORE UPDATE", "outreach_appointment", _TWICE_APPOINTED),
)
_FREEING = (
    "UPDATE outreach_hold SET is_holding = false, let_go_at = NEW.state_since WHERE visit_id = NEW.id AND is_holding;"
)
_FREEING_WHEN = "NEW.state IN ('cancelled', 'not_held')"


def trigger_names(vendor: str) -> set[str]:
    """The triggers that must be alive on this kind of database."""
    refusing = _REFUSING + (_REFUSING_ON_SQLITE if vendor == "sqlite" else ())
    return {name for name, *_rest in refusing} | {FREED}


def statements(vendor: str) -> dict[str, list[str]]:
    """The SQL that makes each trigger, by its name."""
    if vendor == "sqlite":
        made = {
            name: [
                f"CREATE TRIGGER {name} {event} ON {table} WHEN {when} BEGIN SELECT RAISE(ABORT, '{said}'); END",
            ]
            for name, said, event, table, when in _REFUSING + _REFUSING_ON_SQLITE
        }
        made[FREED] = [
            f"CREATE TRIGGER {FREED} AFTER UPDATE OF state ON outreach_visit WHEN {_FREEING_WHEN} BEGIN {_FREEING} END"
        ]
        return made
    made = {
        name: [
            (
                f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {when} THEN RAISE"
                f" EXCEPTION '{said}' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$"
            ),
            f"DROP TRIGGER IF EXISTS {name} ON {table}",  # a disabled one is there and does nothing
            f"CREATE TRIGGER {name} {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
        ]
        for name, said, event, table, when in _REFUSING
    }
    made[FREED] = [
        (
            f"CREATE OR REPLACE FUNCTION {FREED}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {_FREEING_WHEN} THEN"
            f" {_FREEING} END IF; RETURN NULL; END $$"
        ),
        f"DROP TRIGGER IF EXISTS {FREED} ON outreach_visit",
        f"CREATE TRIGGER {FREED} AFTER UPDATE OF state ON outreach_visit FOR EACH ROW EXECUTE FUNCTION {FREED}()",
    ]
    return made


def alive(connection: Any) -> set[str]:
    """The names of ours that the database really has: triggers, and on PostgreSQL the exclusion constraints."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        else:
            cursor.execute(
                "SELECT t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
                " WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND pg_table_is_visible(c.oid)"
                " UNION SELECT conname FROM pg_constraint WHERE contype = 'x'"
            )
        return {name for (name,) in cursor.fetchall()}


def missing(connection: Any) -> list[str]:
    """What should stand guard and does not, sorted."""
    wanted = trigger_names(connection.vendor) | ({FREE, APPOINTED} if connection.vendor == "postgresql" else set())
    return sorted(wanted - alive(connection))


def set_up(connection: Any) -> None:
    """Make the triggers that are missing; on SQLite make them all anew, so that they always say what this file says."""
    names = trigger_names(connection.vendor) & alive(connection)
    with connection.cursor() as cursor:
        for name, sentences in statements(connection.vendor).items():
            if connection.vendor == "sqlite" and name in names:
                cursor.execute(f"DROP TRIGGER {name}")
            elif name in names:
                sentences = sentences[:1]  # the function may have changed, the trigger calls it by name
            for sentence in sentences:
                cursor.execute(sentence)


def take_down(connection: Any) -> None:
    """Let SQLite rebuild any table; PostgreSQL alters tables in place and keeps its guards."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        for name in trigger_names("sqlite") & alive(connection):
            cursor.execute(f"DROP TRIGGER {name}")


def before_migrate(sender: Any, using: str, **kwargs: Any) -> None:
    take_down(connections[using])


def after_migrate(sender: Any, using: str, apps: Any = None, **kwargs: Any) -> None:
    """Stand guard again, once the tables are as this code knows them (a migration back in time has fewer)."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    if "outreach_reschedule" in tables:
        set_up(connection)


def check_guards(app_configs: Any, databases: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """System check: every database that holds bookings refuses what it must refuse."""
    problems: list[checks.CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        if "outreach_reschedule" not in connection.introspection.table_names():
            continue  # not migrated yet
        if absent := missing(connection):
            problems.append(
                checks.Error(
                    f"The database does not refuse double booking: {', '.join(absent)} is missing.",
                    hint="Run `python manage.py migrate`; it makes them again.",
                    id="outreach.E001",
                )
            )
    return problems


def health() -> tuple[str, str, bool]:
    """For /healthz: how many guards are missing."""
    absent = missing(default_connection)
    return "booking_guards_missing", str(len(absent)), not absent


def says(error: IntegrityError, name: str) -> bool:
    """Whether this refusal of the database came from the guard of that name."""
    return name in str(error)
