"""Serve the example apps to people who have just arrived: two users, a token, and an address to open."""

import asyncio
import json
import os
import sys
from pathlib import Path

from hallway.errors import CallerError, OperatorError
from hallway.host import Host
from hallway.settings import load_settings

USERS = {"alice": "demo", "bob": "demo"}
WEEK = 7 * 24 * 3600


async def main() -> None:
    """Serve until Ctrl-C."""
    settings = load_settings(
        {
            # Passwords that everybody knows are for this machine alone.
            "host": "127.0.0.1",
            "port": os.environ.get("PORT", "8000"),
            "data": os.environ.get("HALLWAY_DATA", ".demo"),
        }
    )
    card = Path(settings.data) / "demo.json"
    host = Host(settings, targets=["examples"])
    # Adding users waits for the store, which `on_ready` may not; in a group no failure of it goes unseen.
    async with asyncio.TaskGroup() as tasks:
        await host.serve(lambda host: _ = tasks.create_task(introduce(host, card)))


async def introduce(host: Host, card: Path) -> None:
    """See that the demo's users are there, and say where everything is."""
    for name, password in USERS.items():
        if name not in {user.name for user in await host.identity.users()}:
            await host.identity.add_user(name, password)
    token = await host.identity.create_token("alice", lifetime=WEEK)
    write_privately(card, json.dumps({"url": host.url, "users": USERS, "token": token}, indent=2))
    print(f"Hallway is ready at {host.url}")
    print(f"Sign in as {' or '.join(USERS)}, password demo. Ctrl-C stops it.")
    print(f"Alice's token, for programs ({card} has it too): {token}", flush=True)


def write_privately(path: Path, text: str) -> None:
    """Write a file that only its owner may read, so that a reader finds all of it or the one before."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with open(draft, "x", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(text + "\n")
    draft.replace(path)


if __name__ == "__main__":
    asyncio.run(main())
