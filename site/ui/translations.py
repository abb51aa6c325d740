"""The English catalogue: gathered from the sources, merged, checked and compiled without gettext's own programs.

The texts in the sources are Japanese; `django.po` says each of them in English. Nothing here needs settings or a
database, so a catalogue can be mended while the rest of the house does not start.
"""

import io
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[2]
SOURCE_FOLDERS = ("site", "outreach", "curriculum", "analytics")
CATALOGUE = ROOT / "site" / "config" / "locale" / "en" / "LC_MESSAGES" / "django.po"

# Which arguments of Django's functions carry text; "c" marks the context.
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
NOTE_TO_TRANSLATORS = "Translators:"

HEADER = """\
# English texts of Kakehashi. The sources are Japanese; each text below says one of them in English.
# `make fix` gathers new texts, `make check` finds those without English.
"""
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[a-z]|\{[A-Za-z_]\w*[^{}]*\}|\{\}")

Key = tuple[str, str | None]


class EnglishCatalogue(Catalog):
    """A catalogue whose head never changes by itself: no dates and no versions, so gathering twice changes nothing."""

    def __init__(self) -> None:
        super().__init__(locale="en", header_comment=HEADER.rstrip("\n"), fuzzy=False)

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        return [
            ("Project-Id-Version", "Kakehashi"),
            ("Language", "en"),
            ("Plural-Forms", f"nplurals={self.num_plurals}; plural={self.plural_expr};"),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
        ]


class UnreadableSource(Exception):
    """A source file cannot be read as what it is; its texts would be lost from the catalogue."""


def source_files() -> Iterator[Path]:
    for folder in SOURCE_FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            inside = path.relative_to(ROOT).parts
            if "migrations" in inside or "static" in inside:
                continue
            if path.suffix == ".py" or (path.suffix in {".html", ".txt"} and "templates" in inside):
                yield path


def texts_of(path: Path) -> Iterator[tuple[str | tuple[str, ...], list[str], str | None]]:
    """Yield (text or its singular and plural, notes to translators, context) as they stand in one file."""
    source = path.read_text(encoding="utf-8")
    where = str(path.relative_to(ROOT))
    try:
        if path.suffix == ".py":
            compile(source, where, "exec", dont_inherit=True)
        else:
            # Django turns a template into lines that read like Python; its indentation means nothing.
            source = "\n".join(line.lstrip() for line in templatize(source, origin=where).splitlines())
        found = list(
            extract("python", io.BytesIO(source.encode()), keywords=KEYWORDS, comment_tags=(NOTE_TO_TRANSLATORS,))
        )
    except (SyntaxError, ValueError) as problem:
        raise UnreadableSource(f"{where}: {problem}") from problem
    for _line, text, notes, context in found:
        yield text, notes, context


def key_of(message: Message) -> Key:
    singular = message.id[0] if message.pluralizable else message.id
    return singular, message.context


def read_catalogue(path: Path | None = None) -> Catalog:
    path = path or CATALOGUE
    if not path.exists():
        return EnglishCatalogue()
    with path.open("rb") as file:
        return read_po(file, locale="en", abort_invalid=True)


def gather(known: Catalog) -> EnglishCatalogue:
    """Every text of the sources, with the English that `known` has for it; texts no longer in use are gone.

    Raises: UnreadableSource
    """
    catalogue = EnglishCatalogue()
    for path in source_files():
        where = str(path.relative_to(ROOT))
        for text, notes, context in texts_of(path):
            catalogue.add(text, locations=[(where, 0)], auto_comments=notes, context=context)
    english = {key_of(message): message for message in known if message.id}
    for message in catalogue:
        old = english.get(key_of(message)) if message.id else None
        if old is not None and old.pluralizable == message.pluralizable:
            message.string = old.string
            message.user_comments = old.user_comments
            if old.fuzzy:
                message.flags.add("fuzzy")
    return catalogue


def written(catalogue: Catalog) -> bytes:
    """The file as it should stand: sorted, with file names but no line numbers, unwrapped."""
    file = io.BytesIO()
    write_po(file, catalogue, width=0, sort_output=True, include_lineno=False, ignore_obsolete=True)
    return file.getvalue().rstrip(b"\n") + b"\n"


def collect() -> EnglishCatalogue:
    """Write the catalogue anew from the sources, keeping all English that is still wanted."""
    catalogue = gather(read_catalogue())
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    text = written(catalogue)
    if not CATALOGUE.exists() or CATALOGUE.read_bytes() != text:
        CATALOGUE.write_bytes(text)
    return catalogue


def is_up_to_date() -> bool:
    """Whether gathering now would leave the file as it is."""
    return CATALOGUE.exists() and CATALOGUE.read_bytes() == written(gather(read_catalogue()))


def forms(message: Message) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The Japanese and the English forms of one message."""
    if not message.pluralizable:
        return (message.id,), (message.string or "",)
    english = message.string or ("", "")
    return tuple(message.id), (english,) if isinstance(english, str) else tuple(english)


def problems_of(message: Message) -> Iterator[str]:
    """Say what keeps one text from being right in English."""
    japanese, english = forms(message)
    if not all(form.strip() for form in english):
        yield f"has no English yet: {japanese[0]!r}"
        return
    if message.fuzzy:
        yield f"is marked fuzzy, so nobody sees it: {japanese[0]!r}"
    wanted = sorted(PLACEHOLDER.findall(japanese[-1].replace("%%", "")))
    for number, form in enumerate(english):
        given = sorted(PLACEHOLDER.findall(form.replace("%%", "")))
        # "one visit" may do without the number that "5 visits" needs.
        is_singular_of_two = len(english) > 1 and number == 0
        if given != wanted and not (is_singular_of_two and set(given) <= set(wanted)):
            yield f"has placeholders {given} where {wanted} are filled in: {japanese[0]!r}"


def problems(catalogue: Catalog) -> list[str]:
    return [problem for message in catalogue if message.id for problem in problems_of(message)]


def compiled_path() -> Path:
    return CATALOGUE.with_suffix(".mo")


def compile_catalogue() -> int:
    """Write the `.mo` file that Django reads; return how many texts are in it."""
    catalogue = read_catalogue()
    file = io.BytesIO()
    write_mo(file, catalogue)
    # Another process may be reading the old one: exchange it in one move.
    fresh = compiled_path().with_suffix(".mo.new")
    fresh.parent.mkdir(parents=True, exist_ok=True)
    fresh.write_bytes(file.getvalue())
    fresh.replace(compiled_path())
    return sum(1 for message in catalogue if message.id and all(forms(message)[1]))


def compile_when_older() -> bool:
    """Compile only if the sources of the `.mo` are newer than it; return whether that was done."""
    if not CATALOGUE.exists():
        return False
    if compiled_path().exists() and compiled_path().stat().st_mtime >= CATALOGUE.stat().st_mtime:
        return False
    compile_catalogue()
    return True
