"""Files that are on the disk when Django says that they are stored."""

import os
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage


class DurableFileSystemStorage(FileSystemStorage):
    """The file and every directory above it are synced before `save` returns: a row that names a file finds it."""

    def _save(self, name: str, content: Any) -> str:
        kept: str = super()._save(name, content)  # type: ignore[misc]
        path, root = Path(self.path(kept)), Path(self.location)
        _sync(path)
        for directory in path.parents:
            _sync(directory)
            if directory == root:
                break
        return kept


def _sync(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
