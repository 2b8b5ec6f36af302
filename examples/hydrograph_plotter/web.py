"""The Dash app: the pages by their addresses, and the callbacks that fill them."""

import base64
import binascii
from typing import Any
from urllib.parse import parse_qs, quote

from dash import Dash, Input, Output, State, no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from hallway import HallwayError, current
from hydrograph_plotter import components
from hydrograph_plotter.columns import Unit
from hydrograph_plotter.errors import UnreadableFile
from hydrograph_plotter.figure import FigureDocument, Scale, drawn, plot
from hydrograph_plotter.files import listed, read_file
from hydrograph_plotter.labels import label_from_file
from hydrograph_plotter.numbers_table import numbers_table
from hydrograph_plotter.reading import Hydrographs, read_hydrographs
from hydrograph_plotter.wording import title_in_words

_INDEX = """<!DOCTYPE html>
<html lang="en">
  <head>
    {%metas%}
    <title>{%title%}</title>
    <link rel="icon" href="assets/plotter.svg" type="image/svg+xml">
    {%css%}
  </head>
  <body>
    {%app_entry%}
    <footer>{%config%}{%scripts%}{%renderer%}</footer>
  </body>
</html>"""

dash_app = Dash(
    __name__,
    title="Hydrograph Plotter",
    update_title="",
    use_async=False,
    suppress_callback_exceptions=True,  # the pages come and go, and with them what callbacks listen to
    meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
    index_string=_INDEX,
)


def _link(path: str) -> str:
    return str(dash_app.get_relative_path(path))


def _layout() -> Component:
    return components.frame(current().home_url, _link)


dash_app.layout = _layout


def _open(search: str | None) -> tuple[str, Hydrographs]:
    """Read the file that an address names; give its name and what it holds.

    Raises:
        HallwayError: There is no such file in the user's workspace.
        UnreadableFile: It holds nothing that can be plotted.
    """
    names = parse_qs((search or "").lstrip("?")).get("file", [])
    if not names:
        raise UnreadableFile("The address names no file.")
    return names[0], read_file(current().workspace.file(names[0]))


@dash_app.callback(
    Output("page", "children"),
    Output("title", "data"),
    Input("address", "pathname"),
    Input("address", "search"),
)
def show_page(pathname: str | None, search: str | None) -> tuple[Component, str]:
    """Show the page that the address names."""
    page = dash_app.strip_relative_path(pathname or _link("/")) or ""
    try:
        if page == "":
            return components.index_page(listed(current().workspace.files()), _link), "Hydrograph Plotter"
        if page == "plot":
            name, hydrographs = _open(search)
            return components.plot_page(hydrographs, name), title_in_words(hydrographs.series)
    except UnreadableFile as problem:
        return components.message_page("This cannot be plotted", [str(problem)], _link), "No plot"
    except HallwayError as problem:
        return components.message_page(problem.title, [problem.detail, problem.remedy], _link), problem.title
    return components.message_page("Not found", [f"There is no page “{page}” here."], _link), "Not found"


@dash_app.callback(
    Output("hydrograph", "figure"),
    Output("captions", "children"),
    Output("remarks", "children"),
    Output("numbers", "children"),
    Input("scale", "value"),
    Input("unit", "value"),
    Input("records", "value"),
    State("address", "search"),
)
def draw(
    scale: str, unit: str, records: list[int], search: str | None
) -> tuple[FigureDocument, str, Component | None, Component]:
    """Draw the chosen records of the file in the chosen unit and scale."""
    try:
        _, hydrographs = _open(search)
    except (HallwayError, UnreadableFile) as problem:
        # The file went away under the open page: what is drawn stays, and a new visit says why.
        raise PreventUpdate from problem
    shown_unit = Unit(unit) if unit in list(Unit) else Unit.CFS
    result = plot(
        hydrographs.series,
        unit=shown_unit,
        scale=Scale.LINEAR if scale == Scale.LINEAR else Scale.LOG,
        hidden=set(range(len(hydrographs.series))).difference(records),
    )
    return (
        result.figure,
        " ".join(result.captions),
        components.remark_list([*result.remarks, *hydrographs.remarks]),
        numbers_table(drawn(hydrographs.series), shown_unit),
    )


@dash_app.callback(
    Output("address", "href"),
    Output("upload-problem", "children"),
    Input("upload", "contents"),
    State("upload", "filename"),
    prevent_initial_call=True,
)
def take_upload(contents: str | None, filename: str | None) -> tuple[Any, Any]:
    """Keep a file that the user brought in their workspace, and go to its plot."""
    if not contents:
        return no_update, no_update
    name = filename or "upload.csv"
    try:
        data = base64.b64decode(contents.partition(",")[2], validate=True)
        read_hydrographs(data, name=label_from_file(name))
        path = current().workspace.unique(name)
    except binascii.Error:
        return no_update, components.remark_list(["The browser did not send the file whole; try again."])
    except UnreadableFile as problem:
        return no_update, components.remark_list([f"{name}: {problem}"])
    except HallwayError as problem:
        return no_update, components.remark_list([problem.detail, problem.remedy])
    path.write_bytes(data)
    return f"{_link('/plot')}?file={quote(path.name, safe='')}", None


dash_app.clientside_callback("(title) => { if (title) document.title = title; }", Input("title", "data"))
