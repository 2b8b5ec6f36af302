"""What the host and the other apps see of this app: its pages, and how a hydrograph is handed to it."""

from hallway import App, FileHandle, RemoteFile, UserWorkspace, View
from hydrograph_plotter.web import dash_app

app = App(
    "hydrograph-plotter",
    title="Hydrograph Plotter",
    description="Plots the hydrographs in a CSV file: one gauge or many, log or linear, cfs or m³/s.",
    icon="assets/plotter.svg",
    tags=["hydrology"],
)

app.mount(dash_app)


@app.handoff("plot-csv")
async def plot_csv(csv_url: RemoteFile, workspace: UserWorkspace) -> View:
    """Plot the hydrograph in a CSV file."""
    file = await csv_url.save(workspace.unique("hydrograph.csv"))
    return View("plot", file=file.name)


@app.handoff("internal-plot-csv", internal=True)
def internal_plot_csv(path_to_csv: FileHandle, workspace: UserWorkspace) -> View:
    """Plot the hydrograph in a CSV file that another app has in its workspace."""
    file = path_to_csv.copy_to(workspace.unique("hydrograph.csv"))
    return View("plot", file=file.name)
