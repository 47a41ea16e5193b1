"""How much of everything: bytes, pixels, photos, boxes and time."""

from datetime import timedelta

MOST_BYTES = 25 << 20
MOST_MEGAPIXELS = 40
MOST_PHOTOS = 20
MOST_BOXES = 100
LONGEST_AGO = timedelta(days=3653)
CLOCK_TOLERANCE = timedelta(minutes=5)
OWN_REMOVAL = timedelta(minutes=30)
ERASE_AFTER = timedelta(days=30)
