"""The pages: the table of gauges, one gauge, its CSV, and the ways to a plot."""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from flask import Flask, Response, redirect, render_template, request, stream_with_context, url_for
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.wrappers import Response as BaseResponse

from gauges import wording
from gauges.csv_export import SEPARATOR, csv_lines, csv_name
from gauges.hand_over import hand_over
from gauges.listing import Order, near_matches, ordered, search
from gauges.records import Record, Unit, catalogue
from gauges.sparkline import Sparkline, sparkline
from gauges.statistics import summarise
from hallway import HallwayError, UnknownApp, UnknownHandoff, current, url_for_handoff

PLOTTER = "hydrograph-plotter/plot-csv"

MOST_AT_ONCE = 48
"""More lines than this in one plot cannot be told apart."""

Page: TypeAlias = str | tuple[str, int] | BaseResponse

web = Flask(__name__)
web.add_template_global(wording.day_in_words, "day")
web.add_template_global(wording.flow_in_words, "flow")
web.add_template_global(wording.length_in_words, "length")
web.add_template_global(wording.period_in_words, "period")
web.add_template_global(wording.time_in_words, "time")
web.add_template_global(summarise, "summarise")


class UnknownGauge(NotFound):
    """No record has this key."""

    def __init__(self, key: str) -> None:
        super().__init__()
        self.key = key
        self.near = near_matches(key, catalogue())


class WrongChoice(Exception):
    """The gauges that were chosen cannot be taken together; the message says why."""


@web.context_processor
def _for_every_page() -> dict[str, object]:
    return {"home_url": current().home_url}


@web.get("/")
def index() -> Page:
    """Show the table, searched by `?q=` and sorted by `?sort=` and `?order=`."""
    query = request.args.get("q", "").strip()
    order = _order(request.args.get("sort", ""))
    descending = request.args.get("order") == "desc"
    found = ordered(search(catalogue().values(), query), order, descending=descending)
    return render_template(
        "index.html",
        descending=descending,
        near=near_matches(query, catalogue()) if query and not found else [],
        order=order,
        plotter=_plot_url([next(iter(catalogue().values()))]) is not None,
        query=query,
        records=found,
        sparklines=[_small_sparkline(record) for record in found],
        total=len(catalogue()),
    )


@web.get("/gauge/<site>")
def gauge(site: str) -> Page:
    """Show one record: statistics, drawing, codes in words, and where to take it."""
    record = _record(site)
    return render_template(
        "gauge.html",
        metric=record.source.unit is Unit.CMS,
        notes=wording.notes_in_words(record.notes, record.source.kind),
        others=[other for other in catalogue().values() if other.site == record.site and other is not record],
        plot_url=_plot_url([record]),
        record=record,
        sparkline=sparkline(record, width=720, height=150),
    )


@web.get("/csv/<sites>.csv", endpoint="csv")
def download(sites: str) -> Page:
    """Give one record, or several joined by commas, as one CSV."""
    records = _records(sites.split(SEPARATOR))
    lines: Iterator[str] = stream_with_context(csv_lines(records))
    response = Response(lines, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{csv_name(records)}"'
    return response


@web.get("/download")
def download_chosen() -> Page:
    """Take the chosen gauges (`?site=` once or more) to their CSV."""
    return redirect(_csv_url(_chosen()))


@web.get("/plot")
def plot() -> Page:
    """Hand the user off to the plotter, with a link to the CSV of the chosen gauges (`?site=` once or more).

    The link to the CSV is signed for a short while, so it is made at the click and not when the table is shown.
    """
    return redirect(url_for_handoff(PLOTTER, csv_url=_csv_url(_chosen_for_plot())), code=303)


@web.post("/plot")
def plot_through_workspace() -> Page:
    """Hand the user off to the plotter, with a file that goes from workspace to workspace."""
    return redirect(hand_over(_chosen_for_plot()), code=303)


@web.errorhandler(UnknownGauge)
def unknown_gauge(error: UnknownGauge) -> Page:
    """Say that there is no such gauge, and which ones are near."""
    if request.endpoint == "csv":
        near = f" Near matches: {', '.join(error.near)}." if error.near else ""
        return Response(f"There is no gauge “{error.key}”.{near}\n", status=404, mimetype="text/plain")
    return render_template("unknown.html", key=error.key, near=error.near), 404


@web.errorhandler(WrongChoice)
def wrong_choice(error: WrongChoice) -> Page:
    """Say what to choose instead."""
    return _message("Choose again", str(error)), 400


@web.errorhandler(HallwayError)
def handoff_failed(error: HallwayError) -> Page:
    """Say why the plotter did not take the record."""
    return _message(error.title, error.detail, error.remedy), error.status


@web.errorhandler(HTTPException)
def http_error(error: HTTPException) -> Page:
    """Say what is wrong with the address or the request, in this app's own look."""
    return _message(error.name, error.description or ""), error.code or 500


def _message(title: str, *lines: str) -> str:
    return render_template("message.html", title=title, lines=lines)


def _order(name: str) -> Order:
    return Order(name) if name in list(Order) else Order.GAUGE


def _record(key: str) -> Record:
    record = catalogue().get(key.strip())
    if record is None:
        raise UnknownGauge(key)
    return record


def _records(keys: Sequence[str]) -> list[Record]:
    distinct = dict.fromkeys(key.strip() for key in keys)
    return [_record(key) for key in distinct]


def _chosen() -> list[Record]:
    keys = request.values.getlist("site")
    if not keys:
        raise WrongChoice("Choose at least one gauge: tick the boxes at the left of the table.")
    return _records(keys)


def _chosen_for_plot() -> list[Record]:
    records = _chosen()
    if len(records) > MOST_AT_ONCE:
        raise WrongChoice(f"{len(records)} gauges are too many for one plot; choose at most {MOST_AT_ONCE}.")
    return records


def _csv_url(records: Sequence[Record]) -> str:
    return url_for("csv", sites=SEPARATOR.join(record.key for record in records))


def _plot_url(records: Sequence[Record]) -> str | None:
    try:
        return url_for_handoff(PLOTTER, csv_url=_csv_url(records))
    except (UnknownApp, UnknownHandoff):
        return None


def _small_sparkline(record: Record) -> Sparkline:
    return sparkline(record, width=120, height=26)
