"""The first-run tour of the demonstration: four steps on the home page of each role."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from grids.scope import Scope


@dataclass(frozen=True)
class Step:
    """One step: what it points at (a CSS selector), and what it says."""

    target: str
    title: Promise
    text: Promise


TOURS: dict[str, tuple[Step, ...]] = {
    "my-grid": (
        Step(
            ".patch-head",
            _("The answer first"),
            _("One sentence says what is open, what is late and what nobody has looked at."),
        ),
        Step(
            ".patch-map",
            _("Your patch"),
            _("The thick line is yours. A red disc is late; a dashed ring is a checkpoint nobody has inspected."),
        ),
        Step(
            ".sheet",
            _("The same as a list"),
            _("Select something here and you see it on the map, and the other way round."),
        ),
        Step(
            "#bar",
            _("Report in three taps"),
            _("What you fix at once goes under “Fixed on the spot”: two taps, and five seconds to undo."),
        ),
    ),
    "dispatch": (
        Step(
            "#headline",
            _("What is most urgent"),
            _("The sentence tells how many reports wait and how long the most urgent one has left."),
        ),
        Step(
            ".board-queue",
            _("The queue"),
            _("The most urgent stands first. The keys J and K go down and up; what arrives appears by itself."),
        ),
        Step(".board-map", _("Where it is"), _("The map shows what the queue shows; select in either.")),
        Step(
            ".board-panel",
            _("Who can go"),
            _("Each candidate comes with the reason. One step accepts and dispatches, and it can be undone."),
        ),
    ),
    "planner": (
        Step(
            "#headline",
            _("Where is it really worse?"),
            _("The sentence says how many reports were found, whether they are more than before, and where most are."),
        ),
        Step(
            "#filters",
            _("When and what"),
            _("Choose a region, a period, a category and what to compare with; the address keeps it."),
        ),
        Step(
            ".planner-map",
            _("On the map"),
            _("The stronger the colour, the more reports per hectare; the legend tells how many."),
        ),
        Step(
            ".planner-tabs",
            _("From finding to acting"),
            _("Grids are split, patrols compared and routing rules written behind these tabs."),
        ),
    ),
    "reports": (
        Step("h1", _("All reports you may see"), _("Newest first, within the places that you look after.")),
        Step(
            "main form", _("Filters"), _("State, category, grid and time; the address keeps them, so you can share it.")
        ),
        Step(
            "main li a[href*='/reports/']",
            _("One report"),
            _("Its page tells who did what and when, and how long it took."),
        ),
        Step(
            ".shell",
            _("Language and messages"),
            _("Change the language here; what concerns you arrives under Messages."),
        ),
    ),
}


def tour_for(request: HttpRequest, scope: Scope, home: str) -> dict[str, Any] | None:
    """Return the tour of a person's home page while they are on it; None elsewhere and outside the demonstration."""
    if not settings.DEMO or scope.person is None or request.path != reverse(home):
        return None
    steps = [{"target": step.target, "title": str(step.title), "text": str(step.text)} for step in TOURS[home]]
    return {"name": home, "steps": steps}
