"""TARGETs of `hallway serve`: finding the apps that a module, a folder or the installed packages hold."""

import importlib
import importlib.util
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

from hallway.app import App
from hallway.errors import BadTarget, HallwayError
from hallway.registry import LoadProblem
from hallway.serving.mounts.kinds import ApplicationKind, kind_of
from hallway.values import fold, is_url_name

ENTRY_POINTS = "hallway.apps"

# Names that say what a module is for, not which app it is.
_NAMELESS = frozenset({"app", "main", "run", "server", "wsgi", "asgi", "application"})
_USUAL_ATTRIBUTES = ("app", "application", "server", "dash_app", "asgi", "wsgi")


@dataclass(frozen=True, slots=True)
class FoundApp:
    """An app to serve.

    Args:
        app: The app; made for a bare web application.
        path: Where the operator wants it, "" for the root; None for `/apps/<id>`.
        target: Where it came from, for messages.
    """

    app: App
    path: str | None
    target: str


@dataclass(frozen=True, slots=True)
class _Target:
    text: str
    name: str
    path: str | None


def find_apps(targets: Sequence[str]) -> tuple[list[FoundApp], list[LoadProblem]]:
    """Import what the targets name. Call it on the running loop, once everything that apps may ask for is there.

    Args:
        targets: `module`, `module:attribute` or a folder of apps, each optionally with `=/path`; none at all means
            every installed app.

    Returns:
        The apps, and what could not be loaded of a folder or of the installed apps.

    Raises:
        BadTarget: A module that was named outright cannot be imported or holds no app, two targets have one name, or
            a folder holds nothing.
    """
    found: list[FoundApp] = []
    problems: list[LoadProblem] = []
    for target in map(_parse, targets):
        folder = Path(target.name)
        if (folder / "__init__.py").is_file():
            _put_on_path(folder.resolve().parent)
            found += _in_module(replace(target, name=folder.resolve().name))
        elif folder.is_dir():
            found += _in_folder(target, problems)
        else:
            found += _in_module(target)
    if not targets:
        found += _installed(problems)
    found = list({id(each.app): each for each in reversed(found)}.values())[
        ::-1
    ]  # an app that two targets name is one
    _refuse_clashes(found)
    return found, problems


def _parse(text: str) -> _Target:
    name, separator, path = text.partition("=")
    if not separator:
        return _Target(text, name, None)
    if not path.startswith("/"):
        raise BadTarget(
            f"{text!r}: {path!r} is no path.", remedy="Write TARGET=/path, or TARGET=/ for the root."
        )
    return _Target(text, name, path.rstrip("/"))


def _in_module(target: _Target) -> list[FoundApp]:
    module_name, _, attribute = target.name.partition(":")
    module = _import(module_name, target.text)
    if attribute:
        named: object = module
        for part in attribute.split("."):
            named = getattr(named, part, None)
        if named is None:
            raise BadTarget(
                f"{target.text!r}: the module {module_name!r} has no {attribute!r}.",
                remedy="Check the name after the colon.",
            )
        return [FoundApp(_as_app(named, module_name, target.text), target.path, target.text)]
    apps = [FoundApp(app, target.path, target.text) for app in _apps_of(module, module_name, target.text)]
    if not apps:
        raise BadTarget(
            f"{target.text!r}: the module {module_name!r} holds no hallway.App and no web application.",
            remedy="Name the attribute: module:attribute.",
        )
    if target.path is not None and len(apps) > 1:
        raise BadTarget(
            f"{target.text!r}: the module {module_name!r} holds {len(apps)} apps, which cannot share one path.",
            remedy="Name the attribute: module:attribute=/path.",
        )
    return apps


def _in_folder(target: _Target, problems: list[LoadProblem]) -> Iterator[FoundApp]:
    if target.path is not None:
        raise BadTarget(
            f"{target.text!r}: a folder of apps has no path of its own.", remedy="Leave the path out."
        )
    folder = Path(target.name).resolve()
    names = sorted(
        entry.stem
        for entry in folder.iterdir()
        if entry.stem.isidentifier()
        and (entry.suffix == ".py" or (entry / "__init__.py").is_file())
        and not _is_test(entry.stem)
    )
    _put_on_path(folder)
    any_found = False
    for name in names:
        try:
            module = _import(name, name)
            _refuse_impostor(module, folder)
            for app in _apps_of(module, name, name):
                any_found = True
                yield FoundApp(app, None, name)
        except HallwayError as error:
            any_found = True
            problems.append(LoadProblem.of(name, error))
    if not any_found:
        raise BadTarget(
            f"The folder {target.name!r} holds no apps.", remedy="Name a folder of Python packages."
        )


def _is_test(name: str) -> bool:
    """Tell whether pytest takes a module for one of its own: those import the apps, and are none."""
    return name == "conftest" or name.startswith("test_") or name.endswith("_test")


def _installed(problems: list[LoadProblem]) -> Iterator[FoundApp]:
    for entry in entry_points(group=ENTRY_POINTS):
        try:
            yield from _in_module(_Target(entry.name, entry.value, None))
        except HallwayError as error:
            problems.append(LoadProblem.of(entry.name, error))


def _import(name: str, target: str) -> ModuleType:
    if not all(part.isidentifier() for part in name.split(".")):
        raise BadTarget(
            f"{target!r} is no module and no folder.",
            remedy="Name a Python module, or a folder that holds apps.",
        )
    _put_on_path(Path.cwd())  # as `python -m` does
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        missing = error.name or name
        if name == missing or name.startswith(f"{missing}."):
            raise BadTarget(
                f"{target!r}: there is no module {missing!r}.",
                remedy="Check its name, or start from the folder that holds it.",
            ) from error
        raise BadTarget(
            f"{target!r} does not import: it needs {missing!r}, which is not installed.",
            remedy=f"Install it, for example: pip install {missing.partition('.')[0]}.",
        ) from error
    except (Exception, SystemExit) as error:  # importing runs the app's own code, which may raise anything
        raise BadTarget(
            f"{target!r} does not import: {_where(error)}{type(error).__name__}: {error}",
            remedy=f"See what is wrong: python -c 'import {name}'.",
        ) from error


def _where(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None or isinstance(error, SyntaxError):  # which says itself where it is
        return ""
    return f"{Path(trace.tb_frame.f_code.co_filename).name} line {trace.tb_lineno}: "


def _apps_of(module: ModuleType, name: str, target: str) -> list[App]:
    """Find the Apps in a module or in its submodule `app`; a bare web application where there are none."""
    modules = [module]
    if hasattr(module, "__path__") and importlib.util.find_spec(f"{name}.app") is not None:
        modules.append(_import(f"{name}.app", target))
    for candidate in modules:
        apps = list(dict.fromkeys(value for value in vars(candidate).values() if isinstance(value, App)))
        if apps:
            return apps
    for candidate in modules:
        for attribute in _USUAL_ATTRIBUTES:
            value = getattr(candidate, attribute, None)
            if value is not None and kind_of(value) is not None and not _is_part_of_dash(value, candidate):
                return [_as_app(value, candidate.__name__, target)]
    return []


def _is_part_of_dash(value: object, module: ModuleType) -> bool:
    """Dash programs have `server = app.server` beside the Dash app, which is what is meant."""
    dashes = [other for other in vars(module).values() if kind_of(other) is ApplicationKind.DASH]
    return any(value is getattr(dash, "server", None) for dash in dashes)


def _as_app(value: object, module_name: str, target: str) -> App:
    if isinstance(value, App):
        return value
    app = App(_name_for(module_name, target))
    app.mount(value)
    return app


def _name_for(module_name: str, target: str) -> str:
    """Name a bare application after the first part of its module that says something."""
    parts = module_name.split(".")
    name = fold(next((part for part in parts if part not in _NAMELESS), parts[0]))
    if not is_url_name(name):
        raise BadTarget(
            f"{target!r}: {name!r} cannot be an app's id.", remedy="Wrap it: App('name').mount(…)."
        )
    return name


def _put_on_path(folder: Path) -> None:
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))


def _refuse_impostor(module: ModuleType, folder: Path) -> None:
    """See that the module is the folder's own, not one of the same name that was imported before."""
    file = getattr(module, "__file__", None)
    if file is not None and folder not in Path(file).resolve().parents:
        raise BadTarget(
            f"{module.__name__!r} is also the name of {file}, which was imported first.",
            remedy="Rename the app's folder.",
        )


def _refuse_clashes(found: Sequence[FoundApp]) -> None:
    by_id: dict[str, FoundApp] = {}
    by_path: dict[str, FoundApp] = {}
    for each in found:
        if each.path is not None and (holder := by_path.setdefault(each.path, each)) is not each:
            raise BadTarget(
                f"{holder.target!r} and {each.target!r} are both to be served at {each.path or '/'!r}.",
                remedy="Choose another path for one of them.",
            )
        other = by_id.setdefault(fold(each.app.id), each)
        if other is not each:
            raise BadTarget(
                f"{other.target!r} and {each.target!r} are both called {each.app.id!r}.",
                remedy="Rename one of them, or wrap it: App('another-name').mount(…).",
            )
