"""The console: the host's front page."""
