"""The pieces of the pages, as Dash components; every address in them is made when a page is asked for."""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

from dash import dcc, html
from dash.development.base_component import Component

from hydrograph_plotter.columns import Unit
from hydrograph_plotter.figure import Scale, drawn, suggested_scale, suggested_unit
from hydrograph_plotter.files import Listed
from hydrograph_plotter.numbers_table import swatch
from hydrograph_plotter.reading import Hydrographs
from hydrograph_plotter.series import Series
from hydrograph_plotter.wording import title_in_words

LARGEST_UPLOAD = 16 * 1024 * 1024

Link = Callable[[str], str]
"""Makes an address of this app from a path that begins with a slash."""


def frame(home_url: str, link: Link) -> Component:
    """Make what is around every page: the header, and the place where the page goes."""
    brand = [html.Img(src=link("/assets/plotter.svg"), alt="", width=30, height=30), "Hydrograph Plotter"]
    return html.Div(
        [
            dcc.Location(id="address", refresh="callback-nav"),
            dcc.Store(id="title"),
            html.Header(
                [
                    dcc.Link(brand, href=link("/"), className="brand"),
                    html.Nav(
                        [dcc.Link("My files", href=link("/")), html.A("← Hallway", href=home_url)],
                        **_labelled("Main"),
                    ),
                ],
                className="top",
            ),
            html.Main(html.P("Reading …", className="soft"), id="page"),
        ]
    )


def index_page(files: Sequence[Listed], link: Link) -> Component:
    """Make the front page: what this is, the user's files, and a way to bring one."""
    return html.Div(
        [
            html.Section(
                [
                    html.H1("Hydrograph Plotter"),
                    html.P(
                        "Plots discharge from a CSV file: several gauges at once, on a logarithmic or linear axis, in "
                        "cubic feet or cubic metres per second. Other apps hand files over; you can also bring one."
                    ),
                ],
                className="intro",
            ),
            html.Section(
                [
                    html.H2("Bring a file"),
                    dcc.Upload(
                        [html.Span("Drop a file here, or"), html.Button("Choose a file", type="button")],
                        id="upload",
                        className="drop",
                        className_active="drop over",
                        className_reject="drop refused",
                        style_active={},
                        style_reject={},
                        max_size=LARGEST_UPLOAD,
                    ),
                    html.P(
                        "CSV, TSV or USGS RDB, up to 16 MB, with columns such as “date” and “discharge_cfs” or "
                        "“discharge_cms”, and “site_no” where there are several gauges.",
                        className="soft",
                    ),
                    html.Div(id="upload-problem", role="alert"),
                ],
                className="card",
            ),
            html.Section([html.H2("My files"), _file_list(files, link)], className="card"),
        ]
    )


def plot_page(hydrographs: Hydrographs, file_name: str) -> Component:
    """Make the page of a file that can be plotted; the drawing itself is filled in by a callback."""
    series = hydrographs.series
    return html.Div(
        [
            html.Section(
                [html.H1(title_in_words(series)), html.P(f"From the file {file_name}")], className="intro"
            ),
            html.Div(
                [
                    _choice("scale", "Discharge axis", suggested_scale(series), _SCALES),
                    _choice("unit", "Unit", suggested_unit(series), _UNITS),
                ],
                className="controls",
            ),
            html.Div(
                dcc.Graph(
                    id="hydrograph",
                    style={"height": "100%"},
                    responsive=True,
                    config={"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d"]},
                ),
                className="card hydrograph",
                role="group",
                **_labelled(f"{title_in_words(series)}: plot; the table below has its numbers"),
            ),
            _records(drawn(series)),
            html.P(id="captions", className="soft"),
            html.Div(id="remarks", role="status"),
            html.Section(
                [html.H2("In numbers"), html.Div(id="numbers", className="table-box", tabIndex=0)],
                className="card",
            ),
        ]
    )


def message_page(title: str, lines: Sequence[str], link: Link) -> Component:
    """Make a page that says why there is no plot."""
    return html.Section(
        [html.H1(title), *(html.P(line) for line in lines), html.P(dcc.Link("My files", href=link("/")))],
        className="card message",
    )


def remark_list(remarks: Sequence[str]) -> Component | None:
    """Make the list of what a person should know about the plot."""
    return html.Ul([html.Li(remark) for remark in remarks], className="remarks") if remarks else None


_SCALES = {Scale.LOG: "Logarithmic", Scale.LINEAR: "Linear"}
_UNITS = {Unit.CFS: "Cubic feet per second (cfs)", Unit.CMS: "Cubic metres per second (m³/s)"}


def _labelled(label: str) -> dict[str, Any]:
    return {"aria-label": label}


def _choice(id: str, legend: str, chosen: str, labels: dict[Scale, str] | dict[Unit, str]) -> Component:
    return html.Fieldset(
        [
            html.Legend(legend),
            dcc.RadioItems(
                id=id,
                options=[{"label": label, "value": value.value} for value, label in labels.items()],
                value=str(chosen),
                inline=True,
                className="choice",
            ),
        ]
    )


def _records(series: tuple[Series, ...]) -> Component:
    """Make the list of records: a legend, and a choice of what is to be seen."""
    return html.Fieldset(
        [
            html.Legend("Records"),
            dcc.Checklist(
                id="records",
                options=[
                    {"label": html.Span([swatch(each, index), each.label]), "value": index}
                    for index, each in enumerate(series)
                ],
                value=list(range(len(series))),
                inline=True,
                className="choice records",
            ),
        ],
        hidden=len(series) == 1,
    )


def _file_list(files: Sequence[Listed], link: Link) -> Component:
    if not files:
        return html.P("None yet. Hand one over from another app, such as Stream Gauges, or bring one above.")
    return html.Ul(
        [
            html.Li(
                [
                    dcc.Link(file.name, href=link("/plot") + f"?file={quote(file.name, safe='')}"),
                    html.Span(file.content),
                    html.Small(f"{file.saved:%Y-%m-%d %H:%M} UTC, {_size_in_words(file.size)}"),
                ]
            )
            for file in files
        ],
        className="files",
    )


def _size_in_words(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{max(1, round(size / 1e3))} kB"
