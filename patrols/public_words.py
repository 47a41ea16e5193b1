"""What those are told of a report who see nothing of it but how far it is."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from patrols.workflow import State

# What a resident is told of a state, and how far along that is of three steps.
SAID: dict[str, tuple[Promise, int]] = {
    State.REPORTED: (gettext_lazy("Received. Somebody is being found for it."), 1),
    State.ACCEPTED: (gettext_lazy("Received. Somebody is being found for it."), 1),
    State.AWAITING_APPROVAL: (gettext_lazy("Received. Somebody is being found for it."), 1),
    State.REOPENED: (gettext_lazy("Received. Somebody is being found for it."), 1),
    State.SENT_BACK: (gettext_lazy("Received. Somebody is being found for it."), 1),
    State.DISPATCHED: (gettext_lazy("Taken: somebody deals with it."), 2),
    State.IN_PROGRESS: (gettext_lazy("Taken: somebody deals with it."), 2),
    State.RETURNED: (gettext_lazy("Taken: somebody deals with it."), 2),
    State.ON_HOLD: (gettext_lazy("It has to wait for a while."), 2),
    State.DEFERRED: (gettext_lazy("It has to wait for a while."), 2),
    State.HANDLED: (gettext_lazy("Done, as we hear; it is being checked."), 3),
    State.CLOSED: (gettext_lazy("Done."), 3),
    State.REJECTED: (gettext_lazy("It could not be taken on."), 3),
    State.WITHDRAWN: (gettext_lazy("It was withdrawn."), 3),
    State.DUPLICATE: (gettext_lazy("It is dealt with together with an earlier one."), 3),
}
