"""`manage.py split`: from files without a database, or for a community of the database, accepted on request."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from grids.history import attributed
from grids.management.commands.split import Command as FromFiles
from grids.models import Region
from grids.models.grid import GridKind
from grids.models.places import RegionLevel
from grids.problems import Problem
from grids.split_files import barriers, known
from grids.splits.running import Wish, computed
from grids.splits.storing import store
from patrols.regridding.accepting import accept

FILES = ("boundary", "streets", "buildings", "output")


class Command(FromFiles):
    """Either files, or a community with `--community`, whose proposal is stored and with `--accept` accepted."""

    help = "Split an area into grids of about the same number of households: from files, or a community."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options of both forms."""
        super().add_arguments(parser)
        for action in parser._actions:
            if action.dest in FILES:
                action.required = False
        parser.add_argument("--community", default="", help="code of 12 digits: split what the database has of it")
        parser.add_argument("--accept", action="store_true", help="make the proposal the community's grids today")

    def handle(self, *args: Any, **given: Any) -> None:
        """Split, store and accept, or leave it to the form with files; one sentence for whatever cannot be."""
        if not given["community"]:
            missing = [f"--{name}" for name in FILES if not given[name]]
            if missing or given["accept"]:
                raise CommandError(
                    _("Without --community these are needed: %(names)s.")
                    % {"names": ", ".join(missing or ["--community"])}
                )
            super().handle(*args, **given)
            return
        try:
            with attributed(command="split"):
                self._community(given)
        except Problem as refusal:
            raise CommandError(str(refusal.sentence)) from refusal

    def _community(self, given: dict[str, Any]) -> None:
        rows = Region.objects.current().filter(code=given["community"], level=RegionLevel.COMMUNITY)
        region = rows.first()
        if region is None:
            raise CommandError(_("There is no community with the code %(code)s.") % {"code": given["community"]})
        wish = Wish(
            households=given["households"],
            number=given["grids"],
            barriers=tuple(sorted(known(barriers(given["barriers"])))),
            setting=given["setting"],
            seed=given["seed"],
            mode=given["mode"],
            unit_area=given["unit_area"],
        )
        shown = None if given["verbosity"] == 0 else self.stderr
        draft = computed(region, wish.parameters(), None, _Words(shown))
        made = store(draft)
        figures = draft.quality
        self.stdout.write(
            _("Proposal %(id)s: %(grids)s grids, %(low)s to %(high)s households, %(share)s %% within a tenth.")
            % {
                "id": made.pk,
                "grids": figures["grids"],
                "low": figures["households"]["min"],
                "high": figures["households"]["max"],
                "share": round(100 * figures["within_10_percent"]),
            }
        )
        if units := figures.get("units"):
            self.stdout.write(
                _("They consist of %(units)s unit grids, %(area)s m² in the middle.")
                % {"units": units["grids"], "area": round(units["area_m2"]["median"])}
            )
        if given["accept"]:
            done = accept(None, made.pk, None)
            self.stdout.write(
                _("Accepted: %(grids)s grids from today on, %(reports)s open reports moved.")
                % {"grids": done.count(GridKind.SERVICE), "reports": done.reports}
            )


class _Words:
    """Writes the steps in words, each once."""

    def __init__(self, stream: Any) -> None:
        self._stream, self._last = stream, ""

    def __call__(self, text: str, share: float) -> None:
        """Take a step and the share done."""
        if self._stream is not None and text != self._last:
            self._last = text
            self._stream.write(f"{share:4.0%} {text}")
