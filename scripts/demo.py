"""Serve the example apps to people who have just arrived: two users, a token, and an address to open."""

import functools
import json
import logging
import os
import sys
from pathlib import Path

import uvloop

from hallway.errors import HallwayError
from hallway.host import Host
from hallway.settings import load_settings

USERS = {"alice": "demo", "bob": "demo"}
WEEK = 7 * 24 * 3600


async def serve() -> None:
    """Serve until Ctrl-C."""
    settings = load_settings(
        {
            # Passwords that everybody knows are for this machine alone.
            "host": "127.0.0.1",
            "port": os.environ.get("PORT") or "8000",
            "data": os.environ.get("HALLWAY_DATA") or ".demo",
        }
    )
    card = Path(settings.data) / "demo.json"
    await Host(settings, targets=["examples"]).serve(functools.partial(introduce, card))
    # It tells where a demo runs, and this one does no more.
    card.unlink(missing_ok=True)


async def introduce(card: Path, host: Host) -> None:
    """See that the demo's users are there, and say where everything is."""
    known = {user.name for user in await host.identity.users()}
    for name, password in USERS.items():
        if name not in known:
            await host.identity.add_user(name, password)
    token = await host.identity.create_token("alice", lifetime=WEEK)
    write_privately(card, json.dumps({"url": host.url, "users": USERS, "token": token}, indent=2))
    print(f"Hallway is ready at {host.url}")
    print(f"Sign in as {' or '.join(USERS)}, password demo. Ctrl-C stops it.")
    print(f"Programs sign in with alice's token, which is in {card} too: {token}", flush=True)


def write_privately(path: Path, text: str) -> None:
    """Write a file that its owner alone may read, so that whoever reads it finds the whole text."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with open(draft, "x", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(text + "\n")
    draft.replace(path)


def main() -> int:
    """Run the demo, and say in one line what keeps it from running."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        uvloop.run(serve())
    except HallwayError as error:
        # The remedy speaks of flags, which `make demo` has not.
        hint = " (for example: make demo PORT=8001 HALLWAY_DATA=.demo2)" if "--" in error.remedy else ""
        print(f"{error.detail} {error.remedy}{hint}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
