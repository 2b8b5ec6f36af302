"""The host's own pages and files: safe to show, usable without JavaScript, and by everybody."""

from collections.abc import Iterator
from html.parser import HTMLParser

import httpx
import pytest

from hallway import App
from hallway.testing import MemoryHost, host_in_memory

PROGRAM = {"accept": "application/json"}


class Page(HTMLParser):
    """What a page consists of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, *names: str) -> list[dict[str, str | None]]:
        """Give the attributes of all elements of some kinds."""
        return [attributes for tag, attributes in self.tags if tag in names]


def app_that_asks_first() -> App:
    app = App("room", title="<b>Room</b>", description="<script>alert(1)</script>", tags=["<i>"])

    @app.handoff("write", effects="write")
    def write(name: str) -> str:
        raise NotImplementedError

    return app


PAGES = {
    "sign in": "/login",
    "sign in after": "/login?next=/apps/room/",
    "front page": "/",
    "error": "/apps/no/such/page",
    "confirmation": '/handoff/room/write/?name="><script>x</script>',
}


@pytest.fixture(scope="module")
def host() -> Iterator[MemoryHost]:
    with host_in_memory(app_that_asks_first()) as served:
        yield served


@pytest.fixture(scope="module")
def ada(host: MemoryHost) -> httpx.Client:
    return host.visitor("ada", admin=True)


@pytest.fixture(params=PAGES)
def answer(ada: httpx.Client, request: pytest.FixtureRequest) -> httpx.Response:
    return ada.get(PAGES[request.param])


def test_a_page_has_a_language_a_title_and_landmarks(answer: httpx.Response):
    page = Page(answer.text)
    assert page.all("html")[0]["lang"] == "en"
    assert "<title>" in answer.text
    assert len(page.all("main")) == len(page.all("header")) == 1
    assert page.all("main")[0]["id"] == "main"
    assert {"class": "skip", "href": "#main"} in page.all("a")
    assert len(page.all("h1")) == 1


def test_whatever_takes_input_has_a_label_and_every_picture_a_text(answer: httpx.Response):
    page = Page(answer.text)
    labelled = {label["for"] for label in page.all("label")}
    shown = [field for field in page.all("input", "select", "textarea") if field.get("type") != "hidden"]
    assert all(field.get("id") in labelled for field in shown)
    assert all("alt" in picture for picture in page.all("img"))
    assert all("type" not in button or button["type"] == "submit" for button in page.all("button"))


def test_a_page_needs_no_script_and_allows_none(answer: httpx.Response):
    page = Page(answer.text)
    assert page.all("script", "iframe", "object") == []
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script-src" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


def test_a_form_posts_to_the_host_itself(answer: httpx.Response):
    forms = Page(answer.text).all("form")
    assert forms
    assert all(form["method"] == "post" and str(form["action"]).startswith("/") for form in forms)


def test_what_a_page_loads_is_open_to_everybody(answer: httpx.Response, host: MemoryHost):
    page = Page(answer.text)
    loaded = [tag["href"] for tag in page.all("link")] + [tag["src"] for tag in page.all("img")]
    assert loaded
    assert {host.anonymous().get(str(url)).status_code for url in loaded} == {200}


# --- static files -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "media_type"), [("hallway.css", "text/css; charset=utf-8"), ("hallway.svg", "image/svg+xml")]
)
def test_a_static_file_is_open_to_all_and_sent_again_only_when_it_changed(
    host: MemoryHost, name: str, media_type: str
):
    visitor = host.anonymous()
    first = visitor.get(f"/static/{name}")
    again = visitor.get(f"/static/{name}", headers={"if-none-match": first.headers["etag"]})
    other = visitor.get(f"/static/{name}", headers={"if-none-match": '"older"'})
    assert first.headers["content-type"] == media_type
    assert first.headers["x-content-type-options"] == "nosniff"
    assert (again.status_code, again.content) == (304, b"")
    assert (other.status_code, other.content) == (200, first.content)


@pytest.mark.parametrize(
    "path",
    ["", "nothing.css", "../door.py", "..%2Fdoor.py", "__init__.py", "hallway.css/x", "%2e%2e/door.py"],
)
def test_nothing_else_lies_there(host: MemoryHost, path: str):
    answer = host.anonymous(PROGRAM).get(f"/static/{path}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_the_probes_answer_everybody(host: MemoryHost, path: str):
    answer = host.anonymous(PROGRAM).get(path)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer.headers["cache-control"] == "no-store"
