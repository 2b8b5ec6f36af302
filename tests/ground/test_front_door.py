"""`hallway/__init__.py` is for those outside: inside, every module imports from the room itself."""

import ast
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "hallway"


def names_taken_from_the_front_door(path: Path) -> list[str]:
    """List what a module imports from `hallway` itself that is no room of it."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    taken = [
        alias.name
        for node in nodes
        if isinstance(node, ast.ImportFrom) and node.module == "hallway" and not node.level
        for alias in node.names
    ]
    whole = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    rooms = {entry.stem for entry in SOURCE.iterdir()}
    return [name for name in taken if name not in rooms] + [name for name in whole if name == "hallway"]


def test_nothing_inside_imports_through_the_front_door() -> None:
    found = {
        str(path.relative_to(SOURCE)): names
        for path in SOURCE.rglob("*.py")
        if (names := names_taken_from_the_front_door(path))
    }
    assert not found


# A module is set as an attribute of its package when it is imported, and would then hide a name of the same spelling.
HIDDEN_NAMES = """
import importlib, pkgutil, types
import hallway
for module in pkgutil.walk_packages(hallway.__path__, "hallway."):
    try:
        importlib.import_module(module.name)
    except ModuleNotFoundError:
        pass  # it needs an extra that is not installed
print([name for name in hallway.__all__ if isinstance(getattr(hallway, name), types.ModuleType)])
"""


def test_no_room_hides_a_name_that_the_front_door_hands_out() -> None:
    command = [sys.executable, "-c", HIDDEN_NAMES]
    looked = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert looked.stdout.strip() == "[]", looked.stderr
