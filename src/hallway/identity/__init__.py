"""Identity: local users, their sessions and tokens, and the one-time link into an empty store."""
