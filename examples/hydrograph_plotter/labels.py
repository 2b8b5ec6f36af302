"""Names for series that tell them apart."""

import re
from collections import Counter
from collections.abc import Sequence

UNNAMED = "Discharge"
"""What a series is called when neither the file nor its name says more."""

_LONGEST = 60
_RESERVED = re.compile(r"-[0-9a-f]{8}$")


def distinct_labels(choices: Sequence[Sequence[str]]) -> list[str]:
    """Give each series the shortest of its names that no other one has.

    Args:
        choices: For each series its possible names, each longer than the one before; as many for all.
    """
    levels = [0] * len(choices)
    for _ in range(len(choices[0]) - 1 if choices else 0):
        count = Counter(names[level] for names, level in zip(choices, levels, strict=True))
        levels = [level + (count[names[level]] > 1) for names, level in zip(choices, levels, strict=True)]
    labels = [names[level][:_LONGEST] for names, level in zip(choices, levels, strict=True)]
    seen = Counter[str]()
    for index, label in enumerate(labels):
        seen[label] += 1
        if seen[label] > 1:
            labels[index] = f"{label} #{seen[label]}"
    return labels


def label_from_file(file_name: str) -> str:
    """Give a name for the one series of a file that names no gauge: the file's, where a person chose it.

    Args:
        file_name: As it is in the workspace, which adds eight characters to what it was called.
    """
    stem = _RESERVED.sub("", file_name.rsplit(".", 1)[0]).strip("-")
    return UNNAMED if stem in {"", "hydrograph"} else stem
