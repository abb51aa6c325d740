"""What waits for somebody in the editors' house, on their own page."""

from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.models import TaskState

from accounts.models import User
from accounts.panels import MyLine, MyPanel


def pages_panel(user: User) -> MyPanel | None:
    """Pages that others have submitted and this person may publish."""
    if not (user.edits_pages or user.is_coordinator):
        return None
    tasks = TaskState.objects.reviewable_by(user).select_related("workflow_state").order_by("started_at")
    lines = [
        MyLine(
            title=task.workflow_state.content_object.get_admin_display_title(),
            url=reverse("wagtailadmin_pages:edit", args=(task.workflow_state.object_id,)),
            note=_("公開の前の確認を待っています"),
        )
        for task in tasks[:10]
        if task.workflow_state.content_object is not None and task.workflow_state.base_content_type.model == "page"
    ]
    if not lines:
        return None
    return MyPanel(heading=_("ページの確認"), waiting=lines)
