"""The editors' house without inline script: what Wagtail starts by script is told as data, and one file of ours starts it.

The templates are overrides under `templates/wagtailadmin/` and `templates/wagtail_localize/`; the choosers have no template for it.
`tests/pages/test_strict_editor.py` watches what they stand for, so that an update of Wagtail cannot pass them by.
"""

import json
from typing import Any

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail import hooks
from wagtail.admin.widgets import BaseChooser
from wagtail.admin.widgets.workflows import AdminTaskChooser


def start_choosers_by_data() -> None:
    """Choosers of pages, pictures, documents, snippets and tasks write what starts them as data."""
    BaseChooser.render = render_chooser


def render_chooser(
    chooser: BaseChooser, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
) -> SafeString:
    field = (attrs or {})["id"]
    chosen = chooser.get_value_data(value)
    return format_html(
        '{}<template data-starts="{}" data-on="{}" data-options="{}"></template>',
        chooser.render_html(name, chosen, attrs),
        "createTaskChooser" if isinstance(chooser, AdminTaskChooser) else chooser.js_constructor,
        field,
        json.dumps(chooser.get_js_init_options(field, name, chosen)),
    )


@hooks.register("insert_global_admin_js")
def starter() -> SafeString:
    return format_html('<script src="{}"></script>', static("pages/starts.js"))
