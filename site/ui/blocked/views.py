"""/csp-report/: where browsers tell what they stopped. Anonymous and without a token, because browsers send it themselves."""

import json
from itertools import islice

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from ui.blocked import actions
from ui.blocked.told import read

FORMS = {"application/csp-report", "application/reports+json"}
LARGEST = 16 * 1024
AT_ONCE = 20
# For the whole house: whoever floods the list keeps no page from being shown, and no address is remembered to stop them.
PER_MINUTE = 120


@csrf_exempt
@require_POST
def csp_report(request: HttpRequest) -> HttpResponse:
    """204 whether or not it was noted: a browser that asked for nothing needs to learn nothing."""
    if request.content_type not in FORMS:
        return HttpResponse(status=415)
    said = request.read(LARGEST + 1)
    if len(said) > LARGEST:
        return HttpResponse(status=413)
    try:
        report = json.loads(said)
    except (ValueError, RecursionError):
        return HttpResponse(status=400)
    for told in islice(read(report, request.get_host()), AT_ONCE):
        if is_one_too_many():
            break
        actions.note(told)
    return HttpResponse(status=204)


def is_one_too_many() -> bool:
    cache.add("blocked:minute", 0, 60)
    try:
        return cache.incr("blocked:minute") > PER_MINUTE
    except ValueError:
        # The minute ended in between.
        return False


csp_report.one_language = True
