"""How many statements a page sends to the database, counted in this process so that the served house carries no counter."""

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from outreach.requests.models import Request
from outreach.requests.states import RequestState
from tests.bench.databases import within
from tests.bench.rounds import Subject
from tests.bench.servers import CannotMeasure

FEW_ROWS = 5


def count(subject: Subject) -> int:
    """Statements of the second visit, BEGIN and COMMIT included: the first fills what a process keeps."""
    subject.refill()
    client = Client(raise_request_exception=False, headers={"host": "127.0.0.1", **subject.headers})
    client.cookies.load(subject.visitor.cookies)
    address, again = [*subject.addresses, *subject.addresses][:2]
    with within(subject.visitor.server.database):
        _visit(client, subject, address)
        with CaptureQueriesContext(connection) as seen:
            _visit(client, subject, again)
    return len(seen)


def count_with_few_rows(subject: Subject) -> int:
    """The same while all requests but a few are withdrawn; afterwards nothing has happened."""
    open_requests = Request.objects.filter(state__in=(RequestState.SUBMITTED, RequestState.OPEN))
    kept = list(open_requests.order_by("pk").values_list("pk", flat=True)[:FEW_ROWS])
    with transaction.atomic():
        open_requests.exclude(pk__in=kept).update(state=RequestState.WITHDRAWN)
        try:
            return count(subject)
        finally:
            transaction.set_rollback(True)


def _visit(client: Client, subject: Subject, address: str) -> None:
    form = subject.filled(address)
    answer = client.get(address) if form is None else client.post(address, form)
    if answer.status_code != subject.status:
        raise CannotMeasure(f"{subject.name}: {address} answered {answer.status_code} in this process")
