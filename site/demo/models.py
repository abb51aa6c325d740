"""DemoMark: the row by which a database says that nobody in it exists."""

from django.db import models
from django.db.utils import DatabaseError
from django.utils.translation import gettext_lazy as _

_known: dict[str, bool] = {}


class DemoMark(models.Model):
    """Written by the `demo` command into an empty database; its presence opens what must stay shut elsewhere."""

    made_at = models.DateTimeField(_("作成"), auto_now_add=True)
    seed = models.PositiveIntegerField(_("種"), default=0)

    class Meta:
        verbose_name = _("デモのしるし")
        verbose_name_plural = _("デモのしるし")

    def __str__(self) -> str:
        return f"demo {self.made_at:%Y-%m-%d}"


def is_demo() -> bool:
    """Whether this database holds the invented world. Read once per process: the mark is never added later."""
    if "is_demo" not in _known:
        try:
            _known["is_demo"] = DemoMark.objects.exists()
        except DatabaseError:
            return False
    return _known["is_demo"]


def forget_mark() -> None:
    """Read the mark again next time (the `demo` command has just written it; tests change databases)."""
    _known.clear()
