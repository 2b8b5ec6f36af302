"""`hallway new`."""

import importlib.util
import keyword
from importlib import resources
from pathlib import Path
from string import Template

import click

from hallway.values import RESERVED_NAMES, fold, is_url_name

_KINDS = {"app": "starlette", "flask": "flask", "dash": "dash"}


@click.command()
@click.argument("name")
@click.option(
    "--kind",
    type=click.Choice(list(_KINDS)),
    default="app",
    show_default=True,
    help="What the pages are written with; `app` needs nothing but Hallway.",
)
def new(name: str, kind: str) -> None:
    """Write a small working app with a test into a new folder NAME."""
    id = fold(name)
    module = id.replace("-", "_").lower()
    if (
        not is_url_name(name)
        or id in RESERVED_NAMES
        or not module.isidentifier()
        or keyword.iskeyword(module)
    ):
        raise click.BadParameter(
            f"{name!r} cannot be an app's name. Allowed: letters, digits, '-' and '_', beginning with a letter; "
            f"reserved: {', '.join(sorted(RESERVED_NAMES))}.",
            param_hint="NAME",
        )
    folder = Path(name)
    if folder.exists():
        raise click.ClickException(f"There is a {name!r} already.")
    folder.mkdir()
    words = {"id": id, "module": module, "title": id.replace("-", " ").title()}
    for scaffold, file in ((kind, f"{module}.py"), ("test", f"test_{module}.py")):
        (folder / file).write_text(_read(scaffold).substitute(words), encoding="utf-8")
    click.echo(f"Wrote {folder / module}.py and its test. Next:\n")
    if importlib.util.find_spec(_KINDS[kind]) is None:
        click.echo(f"  pip install 'hallway[{kind}]'")
    click.echo(f"  cd {name}\n  hallway serve {module}\n  pytest")


def _read(scaffold: str) -> Template:
    file = resources.files("hallway.cli").joinpath("scaffolds", f"{scaffold}.py.txt")
    return Template(file.read_text(encoding="utf-8"))
