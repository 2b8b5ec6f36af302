"""Handoff: taking a user over from one app to another, with typed data."""
