"""The result as one Markdown table, with the goal beside each figure, and the floors below it."""

import datetime as dt
import os
import platform
import statistics
from pathlib import Path

import django
import wagtail

from tests.bench.pages import Row
from tests.bench.rounds import Rounds

HEAD = ("goal", "page", "CPU ÷ floor", "from – to", "p50 ÷ floor", "p95 ÷ p50", "queries", "kB", "CPU ms", "p50 ms")


def machine(database: str) -> str:
    """One line: what the figures were taken on."""
    model = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "CPU"
    )
    return (
        f"{dt.date.today()}, {os.cpu_count()} × {model}, Python {platform.python_version()}, "
        f"Django {django.__version__}, Wagtail {wagtail.__version__}, {database}"
    )


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines() if Path(path).exists() else []


def held(value: float, limit: float | None, digits: int = 2) -> str:
    """The figure, and whether it is within its limit: "3.1 ≤ 6", or in bold "**7.2 > 6**"."""
    shown = f"{value:.{digits}f}"
    if limit is None:
        return shown
    return f"{shown} ≤ {limit:g}" if float(shown) <= limit else f"**{shown} > {limit:g}**"


def result(rows: list[Row], rounds: Rounds, queries: dict[str, int]) -> list[tuple[str, ...]]:
    return [HEAD, *(_line(row, rounds, queries) for row in rows)]


def _line(row: Row, rounds: Rounds, queries: dict[str, int]) -> tuple[str, ...]:
    cpu = rounds.ratios(row.subject, row.against, lambda one: one.cpu)
    waits = rounds.ratios(row.subject, row.against, lambda one: one.p50)
    size = rounds.median(row.subject, lambda one: one.size) / 1000
    asked = queries.get(row.subject)
    return (
        row.goal,
        row.label,
        f"{held(statistics.median(cpu), row.cpu)} × {row.against}",
        f"{cpu[0]:.2f} – {cpu[-1]:.2f}",
        f"{statistics.median(waits):.2f}",
        held(rounds.tail(row.subject), row.tail, 1),
        "" if asked is None else held(asked, row.queries, 0),
        held(size, row.kilobytes, 1) if size else "",
        f"{rounds.median(row.subject, lambda one: one.cpu):.2f}",
        f"{rounds.median(row.subject, lambda one: one.p50):.2f}",
    )


def floors(names: list[str], rounds: Rounds) -> list[tuple[str, ...]]:
    lines = [("floor", "CPU ÷ floor_html", "p95 ÷ p50", "kB", "CPU ms", "p50 ms")]
    for name in names:
        lines.append(
            (
                name,
                f"{statistics.median(rounds.ratios(name, 'floor_html', lambda one: one.cpu)):.1f}",
                f"{rounds.tail(name):.1f}",
                f"{rounds.median(name, lambda one: one.size) / 1000:.1f}",
                f"{rounds.median(name, lambda one: one.cpu):.2f}",
                f"{rounds.median(name, lambda one: one.p50):.2f}",
            )
        )
    return lines


def markdown(lines: list[tuple[str, ...]]) -> str:
    widths = [max(len(line[place]) for line in lines) for place in range(len(lines[0]))]
    drawn = [[cell.ljust(width) for cell, width in zip(line, widths, strict=True)] for line in lines]
    drawn.insert(1, ["-" * width for width in widths])
    return "\n".join(f"| {' | '.join(line)} |" for line in drawn)
