"""What the clock does for photos: sweep files without a row, erase what was removed long ago."""

from datetime import timedelta

from grids.clock import task
from patrols.photos import storage
from patrols.photos.keeping import erase_removed


@task("photo-orphans", timedelta(days=1))
def sweep_orphans() -> None:
    """Delete files that were written and never got their row."""
    storage.sweep()


@task("photo-erasure", timedelta(hours=1))
def erase() -> None:
    """Delete the files of photos that were removed thirty days ago."""
    erase_removed()
