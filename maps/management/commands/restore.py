"""`manage.py restore FILE`: a backup back into the database and the storage."""

import signal
import sys
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from maps.backup import restoring
from maps.backup.archive import Unpacked
from maps.backup.problems import BackupError
from maps.privacy import ledger
from maps.privacy.ledger import UnreadableLedgerError


class Command(BaseCommand):
    """Checks a backup whole, then restores it in one transaction; exits with 1 and one sentence when it cannot."""

    help = "Restore a backup into an empty database, or with --force over another."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file, the key, the ledger and the confirmation."""
        parser.add_argument("file", help="what `backup` wrote")
        parser.add_argument("--identity", metavar="FILE", help="the secret age key, for an encrypted backup")
        parser.add_argument(
            "--erasures", metavar="FILE", help="a ledger of erasures kept elsewhere, beside the one in the state folder"
        )
        parser.add_argument("--force", action="store_true", help="throw away what is in the database")
        parser.add_argument("--check", action="store_true", help="only check the backup, and touch nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, ask, restore, and say what was done and what the backup does not hold."""
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        self.began = time.monotonic()
        identity = Path(options["identity"]) if options["identity"] else None
        try:
            extra = []
            if options["erasures"]:
                if not Path(options["erasures"]).is_file():
                    raise CommandError(f"There is no ledger of erasures at {options['erasures']}.")
                extra = ledger.read(Path(options["erasures"]))
            with restoring.checked(Path(options["file"]), identity) as unpacked:
                self._describe(unpacked)
                if options["check"]:
                    return
                self._ask(force=options["force"])
                done = restoring.restore(unpacked, extra, self._say)
        except (BackupError, UnreadableLedgerError) as error:
            raise CommandError(str(error)) from error
        self._say(f"restored: {done.rows:,} rows in {done.tables} tables, {done.files:,} files")
        if done.migrated:
            self._say(f"{done.migrated} migrations newer than the backup were applied")
        self._say(f"{done.erased} erasures since the backup were repeated")
        if done.unknown:
            self._say(f"{done.unknown} entries of the ledger mean nobody in this backup")
        for name, why in done.left_out.items():
            self._say(f"not in the backup: {name}, {why}")
        self._say("not in the backup: contacts past their purge date")

    def _describe(self, unpacked: Unpacked) -> None:
        manifest = unpacked.manifest
        rows = sum(table["rows"] for table in manifest["tables"].values())
        newest = (manifest["newest_event"] or {}).get("recorded_at", "none")
        self._say(
            f"sound: made {manifest['made_at']} by version {manifest['version']}, {rows:,} rows,"
            f" {len(manifest['files']):,} files, newest event {newest}"
        )

    def _ask(self, *, force: bool) -> None:
        """Let somebody type the database's name before its content goes."""
        used = restoring.in_use()
        if not used:
            return
        if not force:
            raise CommandError(f"The database holds {used}: restore into an empty one, or add --force.")
        name = str(connection.settings_dict["NAME"])
        self.stdout.write(f"All of it, {used}, will be gone. To go on, type the database's name, {name}: ", ending="")
        self.stdout.flush()
        if sys.stdin.readline().strip() != name:
            raise CommandError("That is not its name: nothing was changed.")

    def _say(self, line: str) -> None:
        self.stdout.write(f"  {time.monotonic() - self.began:7.1f} s   {line}")
        self.stdout.flush()
