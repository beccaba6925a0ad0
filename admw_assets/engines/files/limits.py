"""How much of a file is taken in before something must be wrong with it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds against archive bombs and against files that the format does not fit.

    Above `free_bytes` of content an archive may hold at most `max_ratio` bytes for each packed
    byte, and never more than `max_bytes`. A record may be `max_record_bytes` long; `max_malformed`
    records may be malformed. `chunk_bytes` are scanned at a time (several times that in memory).
    """

    max_ratio: int = 200
    free_bytes: int = 100_000_000
    max_bytes: int = 1 << 40
    max_record_bytes: int = 64 << 20
    max_malformed: int = 1_000_000
    chunk_bytes: int = 1 << 20
