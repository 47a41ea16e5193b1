"""`manage.py check_photos`: tells of photos whose files are missing or changed."""

from argparse import ArgumentParser
from hashlib import sha256
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from patrols.models import Photo
from patrols.models.photos import PhotoState
from patrols.photos import storage


class Command(BaseCommand):
    """One line for each file that is not there, or not as it was stored; nothing is changed."""

    help = "Tell of photos whose files are missing, and with --checksums of those that changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take whether every picture is read."""
        parser.add_argument("--checksums", action="store_true", help="read every picture and compare its checksum")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look at every photo; fails when something is wrong."""
        rows = Photo.objects.exclude(state=PhotoState.ERASED).order_by("pk")
        wrong = 0
        for photo, name in storage.missing(rows.iterator(chunk_size=500)):
            self.stdout.write(f"missing: {name} of report {photo.report_id}")
            wrong += 1
        if options["checksums"]:
            wrong += sum(self._changed(photo) for photo in rows.iterator(chunk_size=500))
        if wrong:
            message = f"{wrong} files are missing or changed."
            raise CommandError(message)
        self.stdout.write(f"{rows.count()} photos, every file is there.")

    def _changed(self, photo: Photo) -> bool:
        try:
            with storage.read(photo.full) as stream:
                changed = sha256(stream.read()).hexdigest() != photo.sha256
        except FileNotFoundError:
            return False  # told of above
        if changed:
            self.stdout.write(f"changed: {photo.full} of report {photo.report_id}")
        return changed
