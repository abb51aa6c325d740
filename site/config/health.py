"""/healthz: whether this process can serve, in JSON, without a secret."""

from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ui import places


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 while the database answers; `well` is false when something needs a person, such as letters that wait."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except Exception:  # noqa: BLE001  whatever the driver says, the answer is the same
        return JsonResponse({"database": False, "well": False}, status=503)
    checks = list(places.health.ask())
    return JsonResponse(
        {
            "database": True,
            "well": all(is_well for _name, _value, is_well in checks),
            **{name: value for name, value, _is_well in checks},
        }
    )


healthz.one_language = True
