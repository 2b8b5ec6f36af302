"""The one error of reading."""


class UnreadableFile(Exception):
    """A file that cannot be plotted; the message says why, for the person who gave it."""
