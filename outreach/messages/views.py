"""The messages of a visit: the thread, writing, marking as read, the files, and what the desk stops showing."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.once import once
from outreach.lives import NotAllowed, Party
from outreach.messages import actions
from outreach.messages.forms import MessageForm
from outreach.messages.models import Attachment, Kind, Message
from outreach.messages.rules import closed_words, parties_in
from outreach.messages.threads import newest, shown, unread_of
from outreach.requests.views import reason_page
from outreach.visits.models import Visit
from outreach.visits.views import visit_of

PAGE_LENGTH = 20


def _visit(request: HttpRequest, public_id: uuid.UUID) -> tuple[Visit, list[Party]]:
    """A visit on which this person is a party; for everybody else it does not exist."""
    row = visit_of(request, public_id)
    parties = parties_in(request.user, row)
    if not parties:
        raise Http404
    return row, parties


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@once
def thread(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Everything that was written, the newest first, and room for one more message.

    Opening it changes nothing: reading is marked by a form of its own.
    """
    row, parties = _visit(request, public_id)
    if request.method != "POST":
        return _show(request, row, parties)
    form = MessageForm(request.POST, request.FILES)
    if form.is_valid():
        told: dict[str, Any] = form.cleaned_data
        try:
            actions.write(
                row,
                by=request.user,
                text=told["text"],
                attachments=told["attachments"],
                shows_pupils=told["shows_pupils"],
                has_consent=told["has_consent"],
            )
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("メッセージを送りました。ほかの関係者にはメールでも届きます。"))
            return redirect("messages:thread", row.public_id)
    return _show(request, row, parties, form, status=422)


def _show(
    request: HttpRequest, row: Visit, parties: list[Party], form: MessageForm | None = None, status: int = 200
) -> HttpResponse:
    paginator = Paginator(Message.objects.filter(visit=row).select_related("author"), PAGE_LENGTH)
    page = paginator.get_page(request.GET.get("page"))
    return render(
        request,
        "outreach/messages/thread.html",
        {
            "visit": row,
            "asked": row.request,
            "page": page,
            "lines": shown(row, list(page), request.user),
            "unread": unread_of(row, parties),
            "newest": newest(row),
            "closed": closed_words(row),
            "form": form or MessageForm(),
            "is_staff": Party.COORDINATOR in parties,
            "party": parties[0].label,
        },
        status=status,
    )


@login_required
@require_POST
def read(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Everything up to the newest message on the page counts as read by this person's party."""
    row, _parties = _visit(request, public_id)
    up_to = get_object_or_404(Message, visit=row, public_id=_id(request.POST.get("up_to")))
    actions.mark_read(row, by=request.user, up_to=up_to)
    return redirect("messages:thread", row.public_id)


def _id(text: str | None) -> uuid.UUID:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        raise Http404 from None


@login_required
@require_safe
def file(request: HttpRequest, public_id: uuid.UUID, attachment: uuid.UUID) -> HttpResponse:
    """A file, to be kept and not to be shown by the browser; what the desk has hidden only the desk opens."""
    row, parties = _visit(request, public_id)
    found = get_object_or_404(Attachment.objects.select_related("message"), message__visit=row, public_id=attachment)
    if found.message.hidden_at and Party.COORDINATOR not in parties:
        raise Http404
    try:
        with found.file.open("rb") as kept:
            response = HttpResponse(kept.read(), content_type=Kind(found.kind).content_type)
    except FileNotFoundError:
        raise Http404 from None
    response["Content-Disposition"] = content_disposition_header(True, found.name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def hide(request: HttpRequest, public_id: uuid.UUID, message: uuid.UUID) -> HttpResponse:
    """The desk stops showing a message."""
    row, parties = _visit(request, public_id)
    if Party.COORDINATOR not in parties:
        raise PermissionDenied
    found = get_object_or_404(Message, visit=row, public_id=message)
    back = reverse("messages:thread", args=[row.public_id])
    if found.hidden_at:
        messages.info(request, _("このメッセージの表示はもう止めてあります。"))
        return redirect(back)
    return reason_page(
        request,
        title=_("メッセージの表示を止める"),
        button=_("表示を止める"),
        back=back,
        lead=_("学校と推進大使には「事務局が表示を止めました」とだけ表示します。元に戻すことはできません。"),
        hint=_("事務局の記録に残ります。学校と推進大使には見えません。"),
        act=lambda reason: actions.hide(found, by=request.user, reason=reason),
        done=_("メッセージの表示を止めました。理由は記録に残ります。"),
    )
