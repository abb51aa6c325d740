"""Static files as they leave the house: hashed, compressed, and the styles as one sheet; and where private files lie.

The styles are written as one file per component. A school's old PC on a slow line should not fetch forty of them, so
collecting replaces each `@import "x.css" layer(y);` of the main sheet by `@layer y { … }`.
"""

import re
from pathlib import PurePosixPath
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage, storages
from whitenoise.storage import CompressedManifestStaticFilesStorage

MAIN_SHEET = "ui/css/site.css"
_IMPORT = re.compile(r'^@import "(?P<path>[^"]+)" layer\((?P<layer>[\w.]+)\);$', re.MULTILINE)


class OneSheetStorage(CompressedManifestStaticFilesStorage):
    """Collected static files; the main style sheet holds its components instead of importing them."""

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any):
        if MAIN_SHEET in paths and not dry_run:
            self._join_main_sheet(*paths[MAIN_SHEET])
            paths = {**paths, MAIN_SHEET: (self, MAIN_SHEET)}
        yield from super().post_process(paths, dry_run=dry_run, **options)

    def _join_main_sheet(self, source: Any, path: str) -> None:
        """From the sheet as it was written: the collected one was joined the last time, of components as they were."""
        folder = PurePosixPath(MAIN_SHEET).parent

        def whole(found: re.Match[str]) -> str:
            with self.open(str(folder / found["path"])) as part:
                return f"@layer {found['layer']} {{\n{part.read().decode()}\n}}"

        with source.open(path) as sheet:
            joined = _IMPORT.sub(whole, sheet.read().decode())
        self.delete(MAIN_SHEET)
        self._save(MAIN_SHEET, ContentFile(joined.encode()))


class PrivateStorage(FileSystemStorage):
    """Files that only a view hands out, after looking who asks: they have no address of their own."""

    def url(self, name: str | None) -> str:
        raise NotImplementedError("A private file has no address; a view that checks its reader hands it out.")


def private() -> Storage:
    """Where private files lie in this house; asked for at the last moment, so that migrations name no folder."""
    return storages["private"]
