"""What the host and the other apps see of this app."""

from hallway import App

app = App(
    "gauges",
    title="Stream Gauges",
    description="Real records of 194 stream gauges of the U.S. Geological Survey: look, download, plot.",
    icon="static/gauges.svg",
    tags=["hydrology"],
)

# Other apps and the host itself may fetch these, through signed links that expire.
app.share("/csv/{sites}.csv")
