"""Long series for the screen: fewer points, the same picture."""

import numpy as np

from hydrograph_plotter.series import Flows, Times


def thinned(times: Times, flows: Flows, most: int) -> tuple[Times, Flows]:
    """Keep the highest and the lowest value of each short stretch, and the gaps.

    Args:
        times: When.
        flows: How much; NaN is a gap.
        most: About how many points to keep; at least three. A series that is not longer comes back as it is.
    """
    if len(flows) <= most:
        return times, flows
    stretch = -(-len(flows) // (most // 3))
    padded = np.full(-(-len(flows) // stretch) * stretch, np.nan)
    padded[: len(flows)] = flows
    stretches = padded.reshape(-1, stretch)
    empty = np.isnan(stretches)
    starts = np.arange(len(stretches)) * stretch
    highest = starts + np.where(empty, -np.inf, stretches).argmax(axis=1)
    lowest = starts + np.where(empty, np.inf, stretches).argmin(axis=1)
    gaps = starts + empty.argmax(axis=1)
    kept = np.unique(np.concatenate((highest, lowest, gaps[empty.any(axis=1)], [0, len(flows) - 1])))
    kept = kept[kept < len(flows)]
    return times[kept], flows[kept]
