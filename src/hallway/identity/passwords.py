"""Password hashing: argon2id, off the loop, a few at a time."""

import asyncio

import argon2

# 19 MiB, two passes, one lane: the OWASP minimum for argon2id. The library's defaults take 115 ms and 64 MiB,
# which a burst of sign-ins would multiply.
_HASHER = argon2.PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_AT_ONCE = 4
# Checked for unknown names, so that they take as long as wrong passwords.
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$75UyS6O9euJzV2ToUs/N6w$IcaPh2JRQK2LIe+f9JXtVjsP3/fHloaEmO7tSMByDY0"

LONGEST_PASSWORD = 1024


class Passwords:
    """Hashes and checks passwords, at most four at once so that memory stays bounded."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def hash(self, password: str) -> str:
        """Make the hash to keep."""
        async with self._turn:
            return await asyncio.to_thread(_HASHER.hash, password)

    async def matches(self, password_hash: str, password: str) -> bool:
        """Check a password; for an empty hash the answer is no, after the same time."""
        if len(password) > LONGEST_PASSWORD:
            return False
        async with self._turn:
            return await asyncio.to_thread(_matches, password_hash or _NOBODY, password) and bool(
                password_hash
            )


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False
