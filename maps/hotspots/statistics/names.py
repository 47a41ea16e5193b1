"""What classes are called, without anything that takes long to import."""

from enum import StrEnum


class Emerging(StrEnum):
    """The classes; `NONE` is no pattern, `UNKNOWN` too little known to tell."""

    NEW = "new"
    CONSECUTIVE = "consecutive"
    INTENSIFYING = "intensifying"
    PERSISTENT = "persistent"
    DIMINISHING = "diminishing"
    SPORADIC = "sporadic"
    HISTORICAL = "historical"
    NONE = "none"
    UNKNOWN = "unknown"
