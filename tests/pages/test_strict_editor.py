"""What our overrides of Wagtail's admin stand for has not changed, and nothing with inline script or style came beside it."""

import hashlib
import inspect
import re
from pathlib import Path

import pytest
from django import forms
from django.apps import apps
from django.template.loader import get_template, render_to_string
from wagtail.admin import widgets
from wagtail.admin.widgets.chooser import BaseChooser
from wagtail.admin.widgets.workflows import AdminTaskChooser
from wagtail.documents.widgets import AdminDocumentChooser
from wagtail.images.widgets import AdminImageChooser

ROOT = Path(__file__).resolve().parents[2]
STARTER = ROOT / "site/pages/static/pages/starts.js"
# The print of each file as it was when the override of the same name was written.
OVERRIDDEN = {
    "wagtailadmin/widgets/date_input.html": "2557f7a4fd543d7c",
    "wagtailadmin/widgets/time_input.html": "536917c544a13563",
    "wagtailadmin/widgets/datetime_input.html": "479d8ddeaa73d2fd",
    "wagtailadmin/panels/inline_panel.html": "195bb0b199edb062",
    "wagtailadmin/panels/multiple_chooser_panel.html": "673bc9b26ca95c03",
    "wagtail_localize/admin/submit_translation.html": "f11cd525d207f37c",
    "wagtail_localize/admin/update_translations.html": "793d659d6195ce34",
    "wagtail_localize/admin/edit_translation.html": "52b849c00b09876c",
    "wagtail_localize/admin/edit_translatable_alias.html": "b9cfd17470d0e1c1",
}
# Methods of which `pages/strict_editor.py` keeps the meaning.
PATCHED = {
    BaseChooser.render_js_init: "98a285f477211f35",
    AdminTaskChooser.render_js_init: "e0e19ae6f795a0bd",
}
CHOOSER_MODULE = "wagtail/admin/widgets/chooser.py", "ee6572c74ffaa686"
# Inline script or style that no page of ours ever sends, and why.
NEVER_ON_A_PAGE = {
    "wagtail/admin/templates/wagtailadmin/notifications/base.html": "a letter in HTML; ours are plain text",
    "wagtail/embeds/templates/wagtailembeds/embed_frontend.html": "no page type of ours has embeds",
    "allauth/templates/account/phone_change.html": "nobody signs in by telephone",
    "wagtail/images/models.py": "an example in a docstring",
    "wagtail/admin/rich_text/converters/db_html.py": "a word in a comment",
}
WHAT_TO_DO = """
{name} has changed with an update. Read what is new in it, carry into our override of it what pages need (see
docs/decisions/0020-one-strict-policy.md), try it in a browser, then write the new print here: {now}"""
INLINE = re.compile(
    r"""<style\b|<script\b(?![^>]*\bsrc=)(?![^>]*type="(?:application/json|text/(?:x-)?(?:template|django-form-template))")"""
    r"""|\sstyle=["']|\son(?:click|change|load|submit|error|input|focus|blur|key\w+|mouse\w+)=["']|\bhref=["']javascript:""",
    re.IGNORECASE,
)


def print_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def upstream(name: str) -> Path:
    """The template that ours of the same name stands before."""
    found = [Path(app.path) / "templates" / name for app in apps.get_app_configs()]
    ours, *theirs = [path for path in found if path.exists()]
    assert ours.is_relative_to(ROOT / "site"), name
    (theirs,) = theirs
    return theirs


@pytest.mark.parametrize("name", OVERRIDDEN)
def test_what_an_override_stands_for_is_as_it_was(name):
    now = print_of(upstream(name).read_text(encoding="utf-8"))
    assert now == OVERRIDDEN[name], WHAT_TO_DO.format(name=name, now=now)


def test_every_override_is_watched():
    templates = ROOT / "site/pages/templates"
    ours = [path.relative_to(templates).as_posix() for path in templates.rglob("*.html")]
    assert sorted(name for name in ours if name.startswith("wagtail")) == sorted(OVERRIDDEN)


@pytest.mark.parametrize("method", PATCHED, ids=lambda method: method.__qualname__)
def test_what_a_chooser_starts_is_as_it_was(method):
    now = print_of(inspect.getsource(method))
    assert now == PATCHED[method], WHAT_TO_DO.format(name=method.__qualname__, now=now)


def test_how_a_chooser_is_drawn_is_as_it_was():
    """Its method has been replaced when this runs, so it is read from the file."""
    name, known = CHOOSER_MODULE
    source = (site_packages() / name).read_text(encoding="utf-8")
    now = print_of(source.partition("    def render(self, name, value")[2].partition("    @property")[0])
    assert now == known, WHAT_TO_DO.format(name=f"BaseChooser.render in {name}", now=now)


def test_no_other_chooser_starts_in_a_way_of_its_own():
    def all_below(kind):
        return [kind, *(one for below in kind.__subclasses__() for one in all_below(below))]

    own = [kind for kind in all_below(BaseChooser) if "render_js_init" in vars(kind) or "render" in vars(kind)]
    assert own == [BaseChooser, AdminTaskChooser]
    known = re.findall(
        r"^    (\w+): (?:onField|newOnField|newPanel),$", STARTER.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert {kind.js_constructor for kind in all_below(BaseChooser)} - set(known) == set()


def site_packages() -> Path:
    return Path(apps.get_app_config("wagtailcore").path).parent


def test_no_part_of_others_brings_inline_script_or_style_that_nobody_looked_at():
    """An update or a new part: override it, or say here why no page sends it."""
    base = site_packages()
    folders = {Path(app.path) for app in apps.get_app_configs() if Path(app.path).is_relative_to(base)}
    assert len(folders) > 15
    found = set()
    for folder in folders:
        for path in [*folder.rglob("*.html"), *folder.rglob("*.py")]:
            parts = path.relative_to(base).parts
            if {"tests", "test", "project_template"} & set(parts) or path.name == "tests.py":
                continue
            if INLINE.search(path.read_text(encoding="utf-8")):
                found.add(path.relative_to(base).as_posix())
    known = {name for name in found if is_not_installed(base / name) or is_overridden(name)} | {CHOOSER_MODULE[0]}
    assert sorted(found - known) == sorted(NEVER_ON_A_PAGE)


def is_not_installed(path: Path) -> bool:
    """`wagtail` and `allauth` hold parts of which we have installed some."""
    nearest = next((folder for folder in path.parents if (folder / "apps.py").exists()), None)
    return nearest is not None and nearest not in {Path(app.path) for app in apps.get_app_configs()}


def is_overridden(path: str) -> bool:
    """Another template of this name comes before it."""
    template = path.partition("/templates/")[2]
    return bool(template) and not get_template(template).origin.name.endswith(path)


# ── what is written instead ───────────────────────────────────────────────────
class Fields(forms.Form):
    day = forms.DateField(widget=widgets.AdminDateInput)
    time = forms.TimeField(widget=widgets.AdminTimeInput)
    moment = forms.DateTimeField(widget=widgets.AdminDateTimeInput)


@pytest.mark.parametrize(
    ("field", "starts"), [("day", "initDateChooser"), ("time", "initTimeChooser"), ("moment", "initDateTimeChooser")]
)
def test_a_date_field_says_what_starts_it(field, starts):
    drawn = str(Fields()[field])
    assert f'<template data-starts="{starts}" data-on="id_{field}" data-options="{{&quot;' in drawn
    assert "<script" not in drawn


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("widget", "starts"),
    [
        (widgets.AdminPageChooser, "PageChooser"),
        (AdminImageChooser, "ImageChooser"),
        (AdminDocumentChooser, "DocumentChooser"),
        (AdminTaskChooser, "createTaskChooser"),
    ],
)
def test_a_chooser_says_what_starts_it(widget, starts):
    drawn = widget().render("it", None, attrs={"id": 'id_"><script>'})
    assert f'<template data-starts="{starts}" data-on="id_&quot;&gt;&lt;script&gt;" data-options="{{' in drawn
    assert "<script" not in drawn


def test_rows_of_forms_say_what_starts_them():
    class Formset:
        prefix = "pictures"
        management_form = ""
        non_form_errors = ()

    panel = {"formset": Formset(), "children": [], "label": "x", "help_text": ""}
    for name, starts in {"inline_panel": "InlinePanel", "multiple_chooser_panel": "MultipleChooserPanel"}.items():
        drawn = render_to_string(
            f"wagtailadmin/panels/{name}.html",
            {"self": panel, "options_json": '{"a": "</script>"}', "chooser_widget_definition": {"x": 1}},
        )
        assert (
            f'<template data-starts="{starts}" data-options="{{&quot;a&quot;: &quot;&lt;/script&gt;&quot;}}">' in drawn
        )
        assert re.findall(r"<script[^>]*>", drawn) in (
            [],
            ['<script id="id_pictures-CHOOSER_WIDGET" type="application/json">'],
        )


@pytest.mark.parametrize("name", OVERRIDDEN)
def test_an_override_can_be_read(name):
    assert get_template(name).origin.name.startswith(str(ROOT / "site/pages"))
