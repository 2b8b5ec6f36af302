"""`hallway serve`."""

import logging
import sys

import click

from hallway.cli.options import data_option
from hallway.settings import load_settings


@click.command()
@click.argument("targets", nargs=-1, metavar="[TARGET]...")
@click.option("--host", metavar="ADDRESS", help="The address to listen on.  [default: 127.0.0.1]")
@click.option(
    "--port", metavar="PORT", help="The port to listen on; 0 takes any that is free.  [default: 8000]"
)
@data_option
@click.option("--root-path", metavar="/PREFIX", help="The path below which everything lies.")
@click.option("--public-url", metavar="URL", help="Where visitors reach the host, when that differs.")
@click.option("--log-level", metavar="LEVEL", help="debug, info, warning or error.  [default: info]")
def serve(targets: tuple[str, ...], **flags: str | None) -> None:
    """Serve apps until Ctrl-C.

    A TARGET is a module, module:attribute or a folder of apps; none means every installed app. What it names may be a
    hallway.App, or a bare Flask, Dash, Django, Starlette, WSGI or ASGI application. TARGET=/path serves it there
    instead of under /apps/NAME/.

    Every setting can also come from HALLWAY_… in the environment or from hallway.toml.
    """
    settings = load_settings(flags)
    logging.basicConfig(
        level=settings.log_level.upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    for talkative in (
        "uvicorn.error",
        "httpx",
    ):  # the one says what we say already, the other logs whole addresses
        logging.getLogger(talkative).setLevel(logging.WARNING)
    # Only now: --help and a wrong setting should not wait for these.
    import uvloop

    from hallway.host import Host

    async def announce(host: Host) -> None:
        click.echo(f"Hallway is ready at {host.url}/")
        link = await host.identity.offer_signin_link()
        if link is not None:
            click.echo(
                f"Nobody can sign in yet. Once, within an hour, this does: {host.url}/login?link={link}"
            )

    uvloop.run(Host(settings, targets=targets).serve(announce))
