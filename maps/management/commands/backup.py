"""`manage.py backup [FILE|FOLDER]`: the database and the photos of one moment in one file."""

import signal
import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from maps.backup import making
from maps.backup.problems import BackupError
from maps.privacy.ledger import UnreadableLedgerError


class Command(BaseCommand):
    """Writes a backup while everything runs; exits with 1 and one sentence when it cannot."""

    help = "Back up the database and the photos into one file, encrypted if GRIDWARDEN_BACKUP_KEY is set."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take where to write and how many to keep."""
        parser.add_argument(
            "target", nargs="?", default="", help="a file, or a folder; default: backups/ in the state folder"
        )
        parser.add_argument("--keep", type=int, help="then delete all backups of the folder but the newest so many")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write it and say what it holds."""
        keep = options["keep"]
        if keep is not None and keep < 1:
            raise CommandError("--keep takes a number from 1.")
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        began = time.monotonic()

        def say(line: str) -> None:
            self.stdout.write(f"  {time.monotonic() - began:7.1f} s   {line}")
            self.stdout.flush()

        try:
            path = making.target(options["target"], timezone.now())
            made = making.make(path, say)
            gone = making.thin(path.parent, keep) if keep else []
        except (BackupError, UnreadableLedgerError) as error:
            raise CommandError(str(error)) from error
        kind = "encrypted" if made.encrypted else "NOT encrypted: GRIDWARDEN_BACKUP_KEY is not set"
        say(f"{made.path}: {made.bytes / 2**20:,.1f} MB, {made.rows:,} rows, {made.files:,} files, {kind}")
        if made.missing:
            say(f"{made.missing:,} files that photos name are not in the storage: manage.py check_photos")
        if gone:
            say(f"{len(gone)} older deleted")
