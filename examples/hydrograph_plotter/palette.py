"""How lines are told apart: by colour, and from the thirteenth on also by dashes."""

from dataclasses import dataclass

# Dark enough on white (3:1 or more), and next to each other unlike each other, also for colour-blind eyes.
_COLOURS = (
    "#0f6f8c",
    "#c2410c",
    "#3f7d20",
    "#7b3fa0",
    "#b8860b",
    "#c2185b",
    "#1f4fbf",
    "#5d4037",
    "#00897b",
    "#e0523f",
    "#5c6b73",
    "#8d2fbf",
)
_DASHES = ("solid", "dash", "dot", "dashdot")

DISTINCT = len(_COLOURS) * len(_DASHES)
"""How many styles there are."""


@dataclass(frozen=True, slots=True)
class Style:
    """How one line is drawn.

    Args:
        colour: A CSS colour.
        dash: A dash pattern by plotly's name.
    """

    colour: str
    dash: str


def style(index: int) -> Style:
    """Give the style of the line at an index; after `DISTINCT` lines they repeat."""
    return Style(_COLOURS[index % len(_COLOURS)], _DASHES[index // len(_COLOURS) % len(_DASHES)])
