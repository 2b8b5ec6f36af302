"""`hallway new` writes an app that works, with a test that passes."""

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner, Result

from hallway.cli import main
from hallway.testing import host_in_memory


def new(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["new", *arguments])


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], ModuleType]]:
    """Import modules that were written; none is remembered afterwards."""
    loaded: list[str] = []

    def load(folder: str, name: str) -> ModuleType:
        monkeypatch.syspath_prepend(Path(folder).resolve())
        loaded.append(name)
        return importlib.import_module(name)

    yield load
    for name in loaded:
        sys.modules.pop(name, None)


@pytest.mark.parametrize("kind", ["app", "flask", "dash"])
def test_what_it_writes_is_served_and_passes_its_own_test(kind: str, load: Callable[[str, str], ModuleType]):
    name, module = f"My-{kind}_Room", f"my_{kind}_room"
    result = new(name, "--kind", kind)
    assert result.exit_code == 0, result.output
    assert f"cd {name}" in result.output
    assert f"hallway serve {module}" in result.output
    app = load(name, module).app
    assert app.id == f"My-{kind}-Room"
    with host_in_memory(app) as host:
        assert host.host.problems == []
        location = host.program().post(f"/handoff/{app.id}/greet/", data={"name": "Ada"}).headers["location"]
        assert host.visitor().get(location).status_code == 200
    tests = [value for key, value in vars(load(name, f"test_{module}")).items() if key.startswith("test_")]
    assert len(tests) >= 2
    for test in tests:
        test()


@pytest.mark.parametrize("name", ["run", "a b", "../x", "class", "1st", "", "x" * 65, "ü", "status"])
def test_a_name_that_cannot_be_an_apps_is_refused_with_what_can(name: str, tmp_path: Path):
    result = new(name)
    assert result.exit_code == 2
    assert "Allowed" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_already_is_left_alone(tmp_path: Path):
    (tmp_path / "room").mkdir()
    (tmp_path / "room" / "room.py").write_text("mine")
    result = new("room")
    assert result.exit_code == 1
    assert "already" in result.stderr
    assert (tmp_path / "room" / "room.py").read_text() == "mine"


def test_a_kind_that_there_is_not_is_refused():
    assert new("room", "--kind", "cobol").exit_code == 2
