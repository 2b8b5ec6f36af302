"""The project speaks of itself alone: nothing in it depends on the machine where it was written."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# In pieces, for this file is read too.
FORBIDDEN = [
    "/".join(["", "work", ""]),
    "/".join(["..", "shared"]),
    ".".join(["pypi", "org"]),
    ".".join(["pythonhosted", "org"]),
    ".".join(["npmjs", "org"]),
    ".".join(["npmjs", "com"]),
    ".".join(["debian", "org"]),
]


def project_files() -> list[Path]:
    """List what is or would be committed."""
    if not (shutil.which("git") and (ROOT / ".git").exists()):
        pytest.skip("only a git checkout tells the project's files from others")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_no_file_names_a_path_of_one_machine_or_a_package_registry() -> None:
    found = [
        f"{path.relative_to(ROOT)} has {word!r}"
        for path in project_files()
        for word in FORBIDDEN
        if word.encode() in path.read_bytes()
    ]
    assert not found
