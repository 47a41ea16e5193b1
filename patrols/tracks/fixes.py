"""The fixes of one patrol as arrays, and the pace at which they were taken."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast one moves: `most` is what is believed at all, `usual` what is assumed where nothing is known, in m/s."""

    most: float
    usual: float


WALK = Pace(3.0, 1.5)
BICYCLE = Pace(12.0, 5.0)


@dataclass(frozen=True, slots=True)
class Fixes:
    """Raw fixes: (n,) arrays of epoch seconds, longitudes and latitudes in degrees, and metres of accuracy.

    An accuracy that is not known is NaN.
    """

    time: Floats
    lon: Floats
    lat: Floats
    accuracy: Floats

    def __len__(self) -> int:
        return len(self.time)

    def order(self) -> Ints:
        """Return the order by time, the best accuracy first, then by place: the same whatever order they came in."""
        accuracy = np.where(np.isnan(self.accuracy), np.inf, self.accuracy)
        return np.lexsort((self.lat, self.lon, accuracy, self.time))
