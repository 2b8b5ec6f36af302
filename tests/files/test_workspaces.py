"""Files of a workspace are found by names that lead nowhere else, and made under names of their own."""

import os
import stat
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hallway.access.callers import ANONYMOUS, Caller
from hallway.errors import CallerError, Forbidden, NotFound
from hallway.files.workspaces import AppWorkspace, UserWorkspace, Workspace, Workspaces

ALICE = Caller("urn:hallway:user:alice", "alice")
PARTS = st.sampled_from(
    ["..", ".", "", "a", "a.txt", "folder", "b.txt", "/", "\\", "\0", "~", "secret.txt", " "]
)
NAMES = st.text(st.characters()) | st.lists(PARTS | st.text(max_size=3)).map("/".join)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace with a few files, and secrets around it."""
    root = tmp_path_factory.mktemp("house")
    (root / "secret.txt").write_text("secret")
    inside = Workspace(root / "inside")
    (inside.path / "folder").mkdir()
    for name in ("a.txt", "folder/b.txt"):
        (inside.path / name).write_text("mine")
    return inside


@given(name=NAMES)
def test_no_name_whatever_leads_outside(workspace: Workspace, name: str) -> None:
    try:
        found = workspace.file(name)
    except CallerError:
        return
    assert found.read_text() == "mine"
    assert found.resolve().is_relative_to(workspace.path.resolve())


@pytest.mark.parametrize("name", ["a.txt", "./a.txt", "a.txt/", "folder/b.txt", "folder//b.txt"])
def test_a_file_of_the_workspace_is_found(workspace: Workspace, name: str) -> None:
    assert workspace.file(name).read_text() == "mine"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "/etc/passwd",
        "../secret.txt",
        "folder/../../secret.txt",
        "folder/../a.txt",
        "..",
        "a.txt\0",
        "..\\secret.txt",
        "a\\b",
    ],
)
def test_a_name_that_is_a_path_elsewhere_is_refused(workspace: Workspace, name: str) -> None:
    with pytest.raises(CallerError) as refused:
        workspace.file(name)
    assert refused.value.code == "bad_request"
    assert repr(name) in refused.value.detail


@pytest.mark.parametrize("name", ["b.txt", "folder", ".", "a.txt/more", "~", "x" * 300, "\ud800"])
def test_what_is_no_file_is_not_found(workspace: Workspace, name: str) -> None:
    with pytest.raises(NotFound):
        workspace.file(name)


def test_a_link_that_the_app_made_itself_is_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere.txt").write_text("linked")
    workspace = Workspace(tmp_path / "w")
    (workspace.path / "link.txt").symlink_to(tmp_path / "elsewhere.txt")
    assert workspace.file("link.txt").read_text() == "linked"


# --- names of one's own -------------------------------------------------------------------------------------------


@given(name=st.text(st.characters()))
def test_a_unique_file_is_new_empty_and_inside_whatever_it_should_be_called(
    workspace: Workspace, name: str
) -> None:
    path = workspace.unique(name)
    assert path.parent == workspace.path
    assert path.stat().st_size == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert workspace.file(path.name) == path
    assert quote(path.name, safe="") == path.name
    assert len(path.name) <= 130
    assert not path.name.startswith((".", "-"))
    path.unlink()


@pytest.mark.parametrize(
    ("name", "begins", "ends"),
    [
        ("hydrograph.csv", "hydrograph-", ".csv"),
        ("../../etc/passwd", "passwd-", ""),
        ("Gauge № 5 (new).csv", "Gauge-5-new-", ".csv"),
        ("", "file-", ""),
        ("...", "file-", ""),
        ("x" * 500 + ".csv", "x" * 100 + "-", ".csv"),
        ("archive.tar.gz", "archive.tar-", ".gz"),
    ],
)
def test_a_unique_name_begins_and_ends_like_the_one_that_was_wanted(
    tmp_path: Path, name: str, begins: str, ends: str
) -> None:
    made = Workspace(tmp_path).unique(name).name
    assert made.startswith(begins)
    assert made.removeprefix(begins).isalnum() if not ends else made.endswith(ends)


def test_two_tabs_get_two_files(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    paths = [workspace.unique("a.csv") for _ in range(20)]
    assert len(set(paths)) == 20


def test_a_name_that_is_taken_is_not_given_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = iter(["same", "same", "other"])

    def next_token(size: int) -> str:
        assert size >= 4
        return next(tokens)

    monkeypatch.setattr("secrets.token_hex", next_token)
    workspace = Workspace(tmp_path)
    assert [workspace.unique("a.csv").name for _ in range(2)] == ["a-same.csv", "a-other.csv"]


# --- the folder ---------------------------------------------------------------------------------------------------


def test_a_workspace_is_a_path_whose_folder_exists_once_it_is_asked_for(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "w")
    assert str(tmp_path / "w") in repr(workspace)
    assert not (tmp_path / "w").exists()
    with open(os.path.join(workspace, "a.csv"), "w") as file:  # noqa: PTH118, PTH123 - as ported programs write
        file.write("x")
    assert workspace.file("a.csv").read_text() == "x"
    assert stat.S_IMODE((tmp_path / "w").stat().st_mode) == 0o700


def test_files_are_listed_newest_first_and_folders_are_not(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    for age, name in enumerate(["c", "a", "b"]):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (1000 - age, 1000 - age))
    (tmp_path / "folder").mkdir()
    assert [path.name for path in workspace.files()] == ["c", "a", "b"]


# --- whose it is --------------------------------------------------------------------------------------------------


def test_each_user_of_each_app_and_each_app_has_a_folder_of_its_own(tmp_path: Path) -> None:
    workspaces = Workspaces(tmp_path)
    bob = Caller("urn:hallway:user:bob", "bob")
    found = [
        workspaces.of_user("a", ALICE),
        workspaces.of_user("a", bob),
        workspaces.of_user("b", ALICE),
        workspaces.of_app("a"),
        workspaces.of_app("b"),
    ]
    assert len({workspace.path for workspace in found}) == len(found)
    assert [type(workspace) for workspace in found[2:4]] == [UserWorkspace, AppWorkspace]
    assert workspaces.of_user("a", ALICE).path == found[0].path


def test_somebody_anonymous_has_no_workspace(tmp_path: Path) -> None:
    with pytest.raises(Forbidden):
        Workspaces(tmp_path).of_user("a", ANONYMOUS)


@given(principal=st.text("abc/.:%~@!'\" é", min_size=1, max_size=40))
def test_no_principal_whatever_has_a_folder_outside_its_apps(
    tmp_path_factory: pytest.TempPathFactory, principal: str
) -> None:
    root = tmp_path_factory.getbasetemp() / "principals"
    folder = Workspaces(root).of_user("a", Caller(f"urn:{principal}")).path
    assert folder.resolve().parent == root / "a" / "users"


def test_paths_given_to_apps_outlive_a_change_of_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    workspace = Workspaces(Path("data")).of_app("a")
    path = workspace.unique("a.csv")
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    assert path.is_file()
    assert workspace.file(path.name) == path
    assert workspace.handle(path).name == path.name
