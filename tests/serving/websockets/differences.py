"""What uvicorn's `websockets-sansio` does otherwise, by the name of the test that shows it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Difference:
    """A difference.

    Args:
        what: What it does instead.
        hangs: Whether showing it would take for ever.
    """

    what: str
    hangs: bool = False


DIFFERENCES: dict[str | tuple[str, str], Difference] = {
    "test_the_end_is_told_again_to_who_asks_again": Difference("waits for ever", hangs=True),
}
