"""The internal handoff: a file that goes from this app's workspace straight to the plotter's."""

from collections.abc import Sequence

from gauges.csv_export import csv_lines, csv_name
from gauges.declaration import app
from gauges.records import Record
from hallway import current


def hand_over(records: Sequence[Record]) -> str:
    """Give the plotter the records as a file, and return the address of the plot.

    Raises:
        HallwayError: The plotter is not installed, or did not take the file.
    """
    workspace = current().app_workspace
    path = workspace.unique(csv_name(records))
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            file.writelines(csv_lines(records))
        return app.handoffs.handoff_blocking(
            "hydrograph-plotter/internal-plot-csv", path_to_csv=workspace.handle(path)
        )
    finally:
        # The plotter has copied it by now.
        path.unlink(missing_ok=True)
