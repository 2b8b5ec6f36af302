"""A host in memory is a whole host: with people and programs to visit it, and nothing left when it is gone."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from hallway import App, Settings, current
from hallway.errors import NotBound
from hallway.testing import FakeClock, MemoryHost, host_in_memory


@pytest.fixture
def app() -> App:
    app = App("a")

    @app.handoff("who")
    def who() -> str:
        return f"/{current().caller.name}"

    return app


@pytest.fixture
def house(app: App) -> Iterator[MemoryHost]:
    with host_in_memory(app) as running:
        yield running


def who(client: httpx.Client) -> str:
    return client.get("/handoff/a/who/").headers["location"]


def test_a_visitor_has_signed_in_and_opens_pages_as_a_browser_does(house: MemoryHost) -> None:
    assert who(house.visitor()) == "/alice"
    assert who(house.visitor("bob")) == "/bob"
    assert "text/html" in house.visitor().get("/").headers["content-type"]


def test_two_browsers_of_one_person_are_both_signed_in(house: MemoryHost) -> None:
    first, second = house.visitor(), house.visitor()
    assert (who(first), who(second)) == ("/alice", "/alice")
    first.post("/logout")
    assert who(second) == "/alice"


def test_a_program_comes_with_a_token(house: MemoryHost) -> None:
    program = house.program("carol")
    assert program.headers["authorization"].startswith("Bearer ")
    assert who(program) == "/carol"


def test_a_person_may_come_as_a_program_first_and_by_the_form_later(house: MemoryHost) -> None:
    assert (who(house.program()), who(house.visitor()), who(house.program())) == ("/alice",) * 3


def test_somebody_anonymous_is_nobody_and_says_of_themselves_what_they_are_told_to(house: MemoryHost) -> None:
    assert who(house.anonymous()).startswith("/login?next=")
    assert house.anonymous({"accept": "application/json"}).get("/api/apps").status_code == 401
    assert "sec-fetch-dest" not in house.anonymous({}).headers


def test_an_administrator_administers(house: MemoryHost) -> None:
    house.visitor("root", admin=True)
    house.visitor("bob")
    users = {user.name: user.admin for user in house.call(house.host.identity.users)}
    assert users == {"root": True, "bob": False}


@pytest.mark.parametrize("name", ["", "No Name", "a/b"])
def test_what_cannot_be_a_users_name_is_the_tests_mistake(house: MemoryHost, name: str) -> None:
    with pytest.raises(ValueError, match="user's name"):
        house.visitor(name)


def test_a_function_is_called_on_the_hosts_loop_and_awaited(house: MemoryHost) -> None:
    async def add(a: int, b: int) -> int:
        return a + b

    assert house.call(add, 1, 2) == 3
    assert house.call(max, 1, 2) == 2


def test_time_passes_when_the_test_says_so(app: App) -> None:
    clock = FakeClock()
    with host_in_memory(app, settings=Settings(session_lifetime=60), clock=clock) as house:
        visitor = house.visitor()
        clock.advance(59)
        assert who(visitor) == "/alice"
        clock.advance(1)
        assert who(visitor).startswith("/login")


def test_when_it_is_gone_its_visitors_data_and_apps_are_free(app: App) -> None:
    with host_in_memory(app) as house:
        visitor = house.visitor()
        data = Path(house.host.settings.data)
        assert data.is_dir()
    assert not data.exists()
    assert visitor.is_closed
    with pytest.raises(NotBound):
        _ = app.handoffs
    with host_in_memory(app) as house:  # and may be served again
        assert who(house.visitor()) == "/alice"


def test_data_in_a_folder_of_ones_own_outlives_the_host(app: App, tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path / "data"))
    with host_in_memory(app, settings=settings) as house:
        token = house.program().headers["authorization"]
        house.visitor()
    with host_in_memory(app, settings=settings) as house:
        assert who(house.anonymous({"authorization": token})) == "/alice"
        assert who(house.visitor()) == "/alice"


def test_an_error_in_the_test_ends_the_host_as_well(app: App) -> None:
    with pytest.raises(KeyError), host_in_memory(app):
        raise KeyError
    with pytest.raises(NotBound):
        _ = app.handoffs
