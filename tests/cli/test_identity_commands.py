"""`hallway user` and `hallway token`, straight on the store."""

from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result

from hallway import Settings
from hallway.cli import main
from hallway.testing import host_in_memory


def hallway(*arguments: str, input: str | None = None) -> Result:
    """Run a command as it is typed."""
    return CliRunner().invoke(main, arguments, input=input)


def done(*arguments: str, input: str | None = None) -> str:
    """Run a command that succeeds, and give what it printed."""
    result = hallway(*arguments, input=input)
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(*arguments: str, input: str | None = None) -> str:
    """Run a command that is refused, and give the one line that says why."""
    result = hallway(*arguments, input=input)
    assert (result.exit_code, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith("hallway: ")
    return line


def signs_in(name: str, password: str) -> bool:
    with host_in_memory(settings=Settings(data=str(Path.cwd() / ".hallway"))) as host:
        return (
            host.anonymous().post("/login", data={"username": name, "password": password}).status_code == 303
        )


# --- users ------------------------------------------------------------------------------------------------------


def test_a_user_who_was_added_signs_in():
    assert "ada" in done("user", "add", "ada", "--password", "secret")
    assert signs_in("ada", "secret")
    assert not signs_in("ada", "other")


def test_a_password_may_come_from_a_program():
    done("user", "add", "ada", "--password-stdin", input="secret with blanks \nmore\n")
    assert signs_in("ada", "secret with blanks ")


def test_a_password_that_is_not_given_is_asked_for_twice_and_never_shown():
    shown = done("user", "add", "ada", input="secret\nsecret\n")
    assert "secret" not in shown
    assert signs_in("ada", "secret")


@pytest.mark.parametrize("arguments", [["--password", ""], ["--password-stdin"]])
def test_an_empty_password_is_refused(arguments: list[str]):
    assert "empty" in refused("user", "add", "ada", *arguments, input="\n")
    assert done("user", "list") == ""


def test_one_way_to_give_a_password_is_enough():
    result = hallway("user", "add", "ada", "--password", "x", "--password-stdin")
    assert result.exit_code == 2
    assert "not both" in result.stderr


def test_users_are_listed_with_what_they_are():
    done("user", "add", "bob", "--password", "x")
    done("user", "add", "ada", "--password", "x", "--admin")
    rows = [line.split("\t") for line in done("user", "list").splitlines()]
    assert [row[:2] for row in rows] == [["ada", "admin"], ["bob", "user"]]


def test_a_name_that_is_taken_or_cannot_be_one_is_refused_with_the_cure():
    done("user", "add", "ada", "--password", "x")
    assert "hallway user password ada" in refused("user", "add", "ada", "--password", "y")
    assert "Allowed" in refused("user", "add", "Ada Lovelace", "--password", "y")


def test_a_password_may_be_changed():
    done("user", "add", "ada", "--password", "old")
    done("user", "password", "ada", "--password", "new")
    assert signs_in("ada", "new")
    assert not signs_in("ada", "old")
    assert "user list" in refused("user", "password", "bob", "--password", "new")


# --- tokens -----------------------------------------------------------------------------------------------------


def test_a_token_is_printed_alone_and_listed_without_its_secret():
    done("user", "add", "ada", "--password", "x")
    token = done("token", "create", "ada").strip()
    assert token.startswith("hwt_")
    listed = done("token", "list")
    assert "ada" in listed
    assert "never" in listed
    assert token not in listed
    assert token.split("_")[1] in listed
    with host_in_memory(settings=Settings(data=str(Path.cwd() / ".hallway"))) as host:
        program = host.anonymous({"authorization": f"Bearer {token}"})
        assert program.get("/api/apps").status_code == 200


@pytest.mark.parametrize("by_id", [True, False])
def test_a_token_is_revoked_by_its_id_or_by_itself(by_id: bool):
    done("user", "add", "ada", "--password", "x")
    token = done("token", "create", "ada").strip()
    named = token.split("_")[1] if by_id else token
    done("token", "revoke", named)
    assert done("token", "list") == ""
    assert "token list" in refused("token", "revoke", named)


def test_nobody_gets_no_token():
    assert "user list" in refused("token", "create", "nobody")


@pytest.mark.parametrize("duration", ["P30D", "PT12H", "P1DT6H", "P2W", "PT90M", "PT5S", "p1d", "P36525D"])
def test_a_token_may_end(duration: str):
    done("user", "add", "ada", "--password", "x")
    done("token", "create", "ada", "--expires", duration)
    assert "UTC" in done("token", "list")


@pytest.mark.parametrize(
    "duration",
    [
        "",
        "P",
        "PT",
        "30D",
        "P1M",
        "P1Y",
        "P-1D",
        "P1.5D",
        "PT0S",
        "soon",
        "P9999999W",
        "P" + "9" * 5000 + "D",
    ],
)
def test_what_is_no_duration_is_refused_with_what_is(duration: str):
    done("user", "add", "ada", "--password", "x")
    result = hallway("token", "create", "ada", "--expires", duration)
    assert result.exit_code == 2
    assert "P30D" in result.stderr
    assert done("token", "list") == ""


# --- the store --------------------------------------------------------------------------------------------------


def test_the_store_may_lie_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    done("user", "add", "ada", "--password", "x", "--data", "here")
    monkeypatch.setenv("HALLWAY_DATA", "there")
    done("user", "add", "bob", "--password", "x")
    assert [path.parent.name for path in sorted(tmp_path.glob("*/hallway.sqlite"))] == ["here", "there"]
    assert done("user", "list").startswith("bob")
    assert done("user", "list", "--data", "here").startswith("ada")


def test_a_store_that_cannot_be_used_is_refused_with_the_cure(tmp_path: Path):
    (tmp_path / "file").write_text("no folder")
    assert "--data" in refused("user", "list", "--data", "file")


def soon(client: httpx.Client, path: str, status: int) -> None:
    """Ask until the host has noticed what another process wrote, which takes it some milliseconds."""
    assert any(client.get(path).status_code == status for _ in range(10_000))


def test_all_of_it_works_while_a_host_runs_on_the_store_and_counts_soon():
    with host_in_memory(settings=Settings(data=str(Path.cwd() / ".hallway"))) as host:
        done("user", "add", "ada", "--password", "secret")
        assert (
            host.anonymous().post("/login", data={"username": "ada", "password": "secret"}).status_code == 303
        )
        token = done("token", "create", "ada").strip()
        program = host.anonymous({"authorization": f"Bearer {token}"})
        assert program.get("/api/apps").status_code == 200
        done("token", "revoke", token)
        soon(program, "/api/apps", 401)
        ada = host.visitor("ada")
        assert ada.get("/").status_code == 200
        done("user", "password", "ada", "--password", "new")
        soon(ada, "/", 302)
