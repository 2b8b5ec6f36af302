"""Measure Hallway side by side with its peers: `python benchmarks/run.py --only import_time`."""

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from measuring import Figures, Row
from report import RESULTS, Result, table, write


def discover() -> list[Row]:
    """Collect the rows that the modules in `rows/` offer."""
    found: list[Row] = []
    for path in sorted((Path(__file__).parent / "rows").glob("[a-z]*.py")):
        found += importlib.import_module(f"rows.{path.stem}").ROWS
    return found


def measure(row: Row, rounds: int) -> list[Result]:
    """Do the row's work in turns, us and each rival, so that what disturbs one round disturbs them all."""
    for rival in row.rivals:
        rival.peer.build()
    ours: list[Figures] = []
    theirs: list[list[Figures]] = [[] for _ in row.rivals]
    for number in range(rounds + 1):
        if sys.stderr.isatty():
            print(f"\r{row.name}: round {number} of {rounds} ", end="", file=sys.stderr, flush=True)
        ours.append(row.ours())
        for rival, figures in zip(row.rivals, theirs, strict=True):
            figures.append(rival.measure())
    return [
        Result(
            row,
            metric,
            rival.peer.name,
            rival.peer.version(),
            # The first round warmed up.
            [figure[metric.name] for figure in ours[1:]],
            [figure[metric.name] for figure in figures[1:]],
        )
        for metric in row.metrics
        for rival, figures in zip(row.rivals, theirs, strict=True)
    ]


@click.command()
@click.option("--only", multiple=True, metavar="ROW", help="Measure this row; can be given several times.")
@click.option("--rounds", type=click.IntRange(min=1), help="Repeat each row so often.")
@click.option("--list", "just_list", is_flag=True, help="List the rows and measure nothing.")
def main(only: Sequence[str], rounds: int | None, just_list: bool) -> None:
    """Measure Hallway side by side with its peers."""
    rows = discover()
    names = [row.name for row in rows]
    for name in only:
        if name not in names:
            raise click.BadParameter(f"there is no row {name!r}; there are {', '.join(names)}")
    chosen = [row for row in rows if not only or row.name in only]
    if just_list:
        for row in chosen:
            click.echo(f"{row.name}: {row.title}")
        return
    results = [result for row in chosen for result in measure(row, rounds or row.rounds)]
    write(results)
    click.echo(f"\n{table(results)}\n\nWritten to {RESULTS.relative_to(Path(__file__).parents[1])}")


if __name__ == "__main__":
    main()
