"""Serving: the front door, the router, thread pools, mounts and the server."""
