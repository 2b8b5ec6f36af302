"""A handle lets another app read one file; it is given by a workspace and cannot be made from text."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from hallway.errors import CallerError, NotFound
from hallway.files.handles import FileHandle
from hallway.files.workspaces import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    inside = Workspace(tmp_path / "w")
    (inside.path / "a.csv").write_bytes(b"1,2\n" * 600_000)  # more than one piece of a copy
    (tmp_path / "secret.txt").write_text("secret")
    return inside


def test_a_handle_reads_and_copies_its_file(workspace: Workspace, tmp_path: Path) -> None:
    handle = workspace.handle("a.csv")
    assert (handle.name, repr(handle)) == ("a.csv", "FileHandle('a.csv')")
    with handle.open() as file:
        assert file.read(4) == b"1,2\n"
    copy = handle.copy_to(tmp_path / "copy.csv")
    assert copy.read_bytes() == workspace.file("a.csv").read_bytes()


def test_a_handle_is_made_from_a_path_in_the_workspace_as_well(workspace: Workspace) -> None:
    assert workspace.handle(workspace.path / "a.csv").name == "a.csv"
    assert workspace.handle(Path("a.csv")).name == "a.csv"


@pytest.mark.parametrize("name", ["../secret.txt", "/etc/passwd"])
def test_no_handle_is_made_for_a_file_outside(workspace: Workspace, name: str) -> None:
    with pytest.raises(CallerError):
        workspace.handle(name)
    with pytest.raises(CallerError):
        workspace.handle(workspace.path / name)


def test_no_handle_is_made_for_a_file_that_is_not_there(workspace: Workspace) -> None:
    with pytest.raises(NotFound):
        workspace.handle("b.csv")


def test_nobody_makes_a_handle_directly() -> None:
    with pytest.raises(TypeError):
        FileHandle()


def test_a_handle_does_not_say_where_its_file_lies(workspace: Workspace) -> None:
    assert str(workspace.path) not in repr(workspace.handle("a.csv"))


@given(st.text() | st.dictionaries(st.text(), st.text()) | st.none() | st.integers())
def test_nothing_that_a_caller_sends_becomes_a_handle(value: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(FileHandle).validate_python(value)


def test_a_handle_passes_as_it_is(workspace: Workspace) -> None:
    handle = workspace.handle("a.csv")
    assert TypeAdapter(FileHandle).validate_python(handle) is handle
    assert TypeAdapter(FileHandle).json_schema()["title"] == "File handle"
