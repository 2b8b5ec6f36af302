"""From `make demo` to a plotted gauge, as a newcomer walks it in Chromium."""

import re
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .conftest import ROOT, RunningDemo, free_port, running

pytestmark = pytest.mark.slow

Shoot = Callable[[str], None]
SignIn = Callable[..., None]


def traces(page: Page) -> int:
    return page.evaluate("document.querySelector('.js-plotly-plot').data.length")


def wait_for_plot(page: Page) -> None:
    page.locator(".js-plotly-plot .main-svg").first.wait_for()


def test_the_demo_says_where_it_is_and_who_may_sign_in(demo: RunningDemo) -> None:
    assert f"Hallway is ready at {demo.url}" in demo.said
    assert str(demo.card["token"]) in demo.said
    assert demo.card["users"] == {"alice": "demo", "bob": "demo"}
    assert stat.S_IMODE((demo.data / "demo.json").stat().st_mode) == 0o600


def test_a_newcomer_signs_in_picks_a_gauge_and_sees_it_plotted(
    demo: RunningDemo, page: Page, sign_in: SignIn, shoot: Shoot
) -> None:
    page.goto(demo.url)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    shoot("1-sign-in")
    sign_in()
    expect(page.get_by_role("heading", name="Apps")).to_be_visible()
    shoot("2-front-page")
    page.get_by_role("link", name="Stream Gauges").click()
    expect(page.locator("tbody tr")).to_have_count(195)
    shoot("3-gauges")
    page.get_by_label("Find a gauge").fill("016139")
    page.locator("tbody tr", has_text="01613900").get_by_role("link", name="Plot").click()
    wait_for_plot(page)
    assert re.search(r"/apps/hydrograph-plotter/plot\?file=hydrograph-[0-9a-f]{8}\.csv$", page.url)
    expect(page.get_by_role("heading", level=1)).to_contain_text("01613900")
    assert traces(page) >= 1
    shoot("4-plot")


def test_several_gauges_of_different_units_are_plotted_at_once(
    demo: RunningDemo, page: Page, sign_in: SignIn, shoot: Shoot
) -> None:
    page.goto(f"{demo.url}/apps/gauges/")
    sign_in()
    for key in ("01491000", "01589330", "0204288771"):
        page.locator("tbody tr").filter(has=page.get_by_role("link", name=key, exact=True)).get_by_role(
            "checkbox"
        ).check()
    page.get_by_role("button", name="Plot together").click()
    wait_for_plot(page)
    for key in ("01491000", "01589330", "0204288771"):
        expect(page.get_by_role("table")).to_contain_text(key)
    # A record that runs backwards opens on the axis that shows all of it.
    expect(page.get_by_label("Linear")).to_be_checked()
    page.get_by_label("Logarithmic").check()
    expect(page.locator("body")).to_contain_text("at or below zero")
    page.get_by_label("Linear").check()
    page.get_by_label("Cubic metres per second (m³/s)").check()
    expect(page.get_by_role("table")).to_contain_text("Mean (m³/s)")
    shoot("5-several-gauges-linear-metric")


def test_a_file_goes_to_the_plotter_in_process(demo: RunningDemo, page: Page, sign_in: SignIn) -> None:
    page.goto(f"{demo.url}/apps/gauges/")
    sign_in("bob")
    page.locator("tbody tr", has_text="01594440").get_by_role("checkbox").check()
    page.get_by_role("button", name="Hand over as a file").click()
    wait_for_plot(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("01594440")


def test_what_one_user_brought_another_does_not_see(demo: RunningDemo, page: Page, sign_in: SignIn) -> None:
    page.goto(f"{demo.url}/apps/gauges/")
    sign_in("alice")
    page.locator("tbody tr", has_text="01613900").get_by_role("link", name="Plot").click()
    wait_for_plot(page)
    plotted = page.url
    page.context.clear_cookies()
    page.goto(plotted)
    sign_in("bob")
    expect(page.get_by_role("heading", name="Not found")).to_be_visible()


def test_a_wrong_password_is_told_and_signing_out_ends_it(
    demo: RunningDemo, page: Page, sign_in: SignIn, shoot: Shoot
) -> None:
    page.goto(f"{demo.url}/apps/gauges/?q=Choptank")
    sign_in("alice", "wrong")
    expect(page.get_by_role("alert")).to_contain_text("wrong")
    shoot("6-wrong-password")
    sign_in("alice", "demo")
    expect(page).to_have_url(f"{demo.url}/apps/gauges/?q=Choptank")
    page.goto(demo.url)
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{demo.url}/apps/gauges/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_signing_in_works_by_keyboard_and_without_scripts(demo: RunningDemo, page: Page) -> None:
    context = page.context.browser.new_context(java_script_enabled=False)  # pyright: ignore[reportOptionalMemberAccess]
    plain = context.new_page()
    plain.goto(demo.url)
    plain.keyboard.type("alice")
    plain.keyboard.press("Tab")
    plain.keyboard.type("demo")
    plain.keyboard.press("Enter")
    expect(plain.get_by_role("heading", name="Apps")).to_be_visible()
    context.close()


def test_a_wrong_address_is_a_page_that_leads_back(
    demo: RunningDemo, page: Page, sign_in: SignIn, shoot: Shoot
) -> None:
    page.goto(demo.url)
    sign_in()
    page.goto(f"{demo.url}/hydrograph-plotter/plot-csv/?csv_url=a")
    expect(page.get_by_text("/handoff/hydrograph-plotter/plot-csv/").last).to_be_visible()
    shoot("7-not-found")
    page.get_by_role("link", name="To the front page").click()
    expect(page.get_by_role("heading", name="Apps")).to_be_visible()


@pytest.fixture(scope="module")
def own_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The README's own ten lines, served beside the examples at a prefix, with files that are no CSV beside it."""
    folder = tmp_path_factory.mktemp("newcomer")
    readme = (ROOT / "README.md").read_text()
    match = re.search(r"# file: my_river\.py\n(.*?)```", readme, re.DOTALL)
    assert match is not None
    hostile = """
@pages.get("/bad/<name>")
def bad(name):
    return {"html": "<!doctype html><title>Sign in</title>", "empty": ""}[name]

app.share("/bad/{name}")

@pages.get("/plot-bad/<name>")
def plot_bad(name):
    return redirect(url_for_handoff("hydrograph-plotter/plot-csv", csv_url=url_for("bad", name=name)))
"""
    (folder / "my_river.py").write_text(match[1] + hostile)
    hallway = str(Path(sys.executable).parent / "hallway")
    data = ["--data", str(folder / "data")]
    subprocess.run([hallway, "user", "add", "me", "--password", "pw", *data], check=True)
    port = str(free_port())
    environment = {"PYTHONPATH": str(folder), "PYTHONUNBUFFERED": "1"}
    command = [hallway, "serve", "examples", "my_river", "--port", port, "--root-path", "/portal", *data]
    with running(command, environment, "ready"):
        yield f"http://127.0.0.1:{port}/portal"


def test_a_newcomers_own_ten_lines_hand_over_to_the_plotter(
    own_app: str, page: Page, sign_in: SignIn, shoot: Shoot
) -> None:
    page.goto(f"{own_app}/apps/my-river/")
    sign_in("me", "pw")
    wait_for_plot(page)
    assert page.url.startswith(f"{own_app}/apps/hydrograph-plotter/plot?file=")
    expect(page.get_by_role("table")).to_contain_text("480")
    shoot("8-ten-lines-under-a-prefix")


@pytest.mark.parametrize(("name", "words"), [("html", "HTML"), ("empty", "empty")])
def test_a_file_that_is_no_csv_is_told_on_the_plot_page(
    own_app: str, page: Page, sign_in: SignIn, shoot: Shoot, name: str, words: str
) -> None:
    page.goto(f"{own_app}/apps/my-river/plot-bad/{name}")
    sign_in("me", "pw")
    expect(page.get_by_role("heading", name="This cannot be plotted")).to_be_visible()
    expect(page.locator("#page")).to_contain_text(words)
    shoot(f"9-{name}")
