"""Settings: from flags, the environment and a file, in that order, each checked."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hallway.errors import BadSetting
from hallway.settings import Settings, describe_settings, load_settings


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def load(
    flags: dict[str, object] | None = None, environment: dict[str, str] | None = None, toml: str = ""
) -> Settings:
    Path("hallway.toml").write_text(toml, encoding="utf-8")
    return load_settings(flags, environment=environment or {})


def refusal(
    flags: dict[str, object] | None = None, environment: dict[str, str] | None = None, toml: str = ""
) -> str:
    with pytest.raises(BadSetting) as caught:
        load(flags, environment, toml)
    assert caught.value.remedy.startswith("Correct")
    return caught.value.detail


def test_where_nothing_is_set_the_defaults_hold():
    assert load_settings(environment={}) == Settings() == load()


def test_flags_win_over_the_environment_which_wins_over_the_file():
    toml = "port = 1\nthreads_per_app = 1\nbacklog_per_app = 1\n"
    environment = {"HALLWAY_PORT": "2", "HALLWAY_THREADS_PER_APP": "2", "PORT": "9"}
    settings = load({"port": "3", "data": None}, environment, toml)
    assert (settings.port, settings.threads_per_app, settings.backlog_per_app) == (3, 2, 1)
    assert settings.data == Settings().data


def test_the_process_environment_counts_where_no_other_is_given(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HALLWAY_DATA", "/elsewhere")
    assert load_settings().data == "/elsewhere"


def test_the_environment_writes_every_kind_of_value_as_text():
    environment = {
        "HALLWAY_PORT": "0",
        "HALLWAY_FETCH_HTTPS_ONLY": "true",
        "HALLWAY_FETCH_PRIVATE_HOSTS": "a.example, b.example,,",
        "HALLWAY_ROOT_PATH": "/portal/a",
        "HALLWAY_PUBLIC_URL": "https://gauges.example:8443",
        "HALLWAY_LOG_LEVEL": "debug",
    }
    settings = load(environment=environment)
    assert (settings.port, settings.fetch_https_only) == (0, True)
    assert settings.fetch_private_hosts == ("a.example", "b.example")
    assert (settings.root_path, settings.public_url) == ("/portal/a", "https://gauges.example:8443")


def test_what_the_client_reads_from_the_environment_is_no_setting():
    environment = {"HALLWAY_URL": "http://x", "HALLWAY_TOKEN": "t", "HALLWAYS": "x"}
    assert load(environment=environment) == Settings()


def test_an_app_has_settings_of_its_own_under_either_spelling():
    settings = load(toml='[apps.gauge-room]\nredirect_origins = ["https://charts.example"]\n')
    assert settings.app("gauge_room").redirect_origins == ("https://charts.example",)
    assert settings.app("other").redirect_origins == ()


def test_a_file_may_lie_elsewhere(tmp_path: Path):
    file = tmp_path / "other.toml"
    file.write_text("port = 9000\n")
    assert load_settings(environment={}, file=file).port == 9000
    with pytest.raises(BadSetting) as caught:
        load_settings(environment={}, file=tmp_path / "none.toml")
    assert "none.toml" in caught.value.detail


WRONG = [
    ("port", ["eight", "-1", "65536", "80.5", ""], "a port from 0 to 65535"),
    ("threads_per_app", ["0", "10001", "many"], "from 1 to 10000"),
    ("backlog_per_app", ["0"], "from 1 to 10000"),
    ("session_lifetime", ["0", "P1D", "-5"], "seconds"),
    ("max_body", ["0", "1GB"], "bytes"),
    ("root_path", ["portal", "/portal/", "/", "//", "/a b", "/a?b", "/ü"], "without a slash at the end"),
    ("public_url", ["portal.example", "https://x/y", "https://u@x", "ftp://x", "https://"], "without a path"),
    ("public_url", ["https://x:port", "https://x:99999"], "without a path"),
    ("log_level", ["loud", "INFO", ""], "debug, info, warning or error"),
    ("fetch_https_only", ["perhaps", ""], "true or false"),
]
CASES = [(name, value, allowed) for name, values, allowed in WRONG for value in values]


@pytest.mark.parametrize(("name", "value", "allowed"), CASES)
def test_a_wrong_value_is_told_with_its_name_and_what_is_allowed(name: str, value: str, allowed: str):
    detail = refusal(environment={f"HALLWAY_{name.upper()}": value})
    assert repr(name) in detail
    assert repr(value) in detail
    assert allowed in detail


@pytest.mark.parametrize(
    ("toml", "named"),
    [
        ("host = 5", "'host'"),
        ("port = true", "'port'"),
        ("data = ['a']", "'data'"),
        ("fetch_private_hosts = [1]", "'fetch_private_hosts'"),
        ("fetch_timeout = 1.5", "'fetch_timeout'"),
        ("apps = 1", "'apps'"),
        ("[apps]\nx = 1", "'apps.x'"),
        ("[apps.x]\nredirect_origin = ['https://x']", "'redirect_origins'"),
        ("[apps.x]\nredirect_origins = [1]", "'apps.x.redirect_origins'"),
    ],
)
def test_a_value_of_the_wrong_type_in_the_file_is_refused_with_its_name(toml: str, named: str):
    assert named in refusal(toml=toml)


def test_the_source_of_a_wrong_value_is_named():
    assert "(from --root-path)" in refusal({"root_path": "x"})
    assert "(from HALLWAY_PORT)" in refusal(environment={"HALLWAY_PORT": "x"})
    assert "(from hallway.toml)" in refusal(toml="port = 'x'")


@pytest.mark.parametrize(
    ("environment", "toml", "hint"),
    [
        ({"HALLWAY_PROT": "1"}, "", "port"),
        ({"HALLWAY_APPS": "x"}, "", "Allowed"),
        ({}, "sesion_lifetime = 1", "session_lifetime"),
        ({}, "zzz = 1", "Allowed"),
    ],
)
def test_an_unknown_setting_is_refused_with_a_near_one_or_all(
    environment: dict[str, str], toml: str, hint: str
):
    detail = refusal(environment=environment, toml=toml)
    assert "There is no setting" in detail
    assert hint in detail


@pytest.mark.parametrize("toml", ["port = ", "= 5", "port = 1\nport = 2", "[apps"])
def test_a_file_that_is_no_toml_is_refused_with_the_place(toml: str):
    assert "hallway.toml" in refusal(toml=toml)


@given(st.dictionaries(st.sampled_from([name for name, _, _ in describe_settings()]), st.text(max_size=20)))
def test_whatever_the_environment_says_is_taken_or_refused_by_name(values: dict[str, str]):
    environment = {f"HALLWAY_{name.upper()}": value for name, value in values.items()}
    try:
        load_settings(environment=environment)
    except BadSetting as error:
        refused = error.detail
    else:
        refused = ""
    assert not refused or any(repr(name) in refused for name in values)


def test_every_setting_is_described_with_what_is_allowed_and_its_default():
    described = {name: (allowed, default) for name, allowed, default in describe_settings()}
    fields = {field.name for field in msgspec.structs.fields(Settings)}
    assert described.keys() == fields - {"apps"}
    assert all(allowed for allowed, _ in described.values())
    assert described["port"][1] == 8000
