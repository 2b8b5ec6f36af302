"""Bytes to text: what a file must be before it can be read as a table."""

import codecs
import re
from dataclasses import dataclass

from hydrograph_plotter.errors import UnreadableFile

LARGEST = 64 * 1024 * 1024
"""Bytes; ten years of five-minute values take about 50 MB."""

_BEGINNINGS = {
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a ZIP archive or an Excel workbook",
    b"\x1f\x8b": "a gzip archive",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"\xd0\xcf\x11\xe0": "an old Office document",
    b"SQLite format 3": "a database",
    b"PAR1": "a Parquet file",
    b"\x89HDF": "an HDF5 file",
}

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CONTROL = bytes(set(range(32)) - set(b"\t\n\r\f"))
_HTML = re.compile(r"<(!doctype\s+html|html|head|body|script|title|meta|div)\b", re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{0,200})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Text:
    """A file's text.

    Args:
        content: The text, with `\\n` at line ends and no byte order mark.
        remark: What had to be assumed about the encoding, or "".
    """

    content: str
    remark: str = ""


def decode(data: bytes) -> Text:
    """Decode a file that should be a table.

    Raises:
        UnreadableFile: It is empty, too large, or not text, or it is a web page or another kind of document.
    """
    if not data.strip():
        raise UnreadableFile("This file is empty.")
    if len(data) > LARGEST:
        raise UnreadableFile(
            f"This file has {len(data) >> 20} MB; files of more than {LARGEST >> 20} MB are not read."
        )
    for beginning, what in _BEGINNINGS.items():
        if data.startswith(beginning):
            raise UnreadableFile(f"This file is {what}, not a CSV: export the table as CSV first.")
    text = _decode(data)
    _refuse_markup(text.content)
    if not text.content.strip():
        raise UnreadableFile("This file is empty.")
    return text


def _decode(data: bytes) -> Text:
    if data.startswith(_UTF16):
        # Excel's "Unicode text".
        return Text(_tidy(data.decode("utf-16", errors="replace")))
    sample = data[:65536]
    if len(sample) - len(sample.translate(None, _CONTROL)) > len(sample) // 200:
        raise UnreadableFile("This file is not text: it holds binary data. Export the table as CSV first.")
    try:
        return Text(_tidy(data.decode("utf-8-sig")))
    except UnicodeDecodeError:
        return Text(
            _tidy(data.decode("cp1252", errors="replace")),
            "The file is not UTF-8, so it was read as Windows-1252; names with accents may look wrong.",
        )


def _tidy(content: str) -> str:
    return content.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


def _refuse_markup(content: str) -> None:
    start = content[:4096].lstrip()
    if start.startswith("<") and _HTML.search(start):
        title = _TITLE.search(start)
        named = f", titled “{' '.join(title[1].split())}”" if title and title[1].strip() else ""
        raise UnreadableFile(
            f"This file is a web page (HTML{named}), not a CSV: the address that it came from probably answered "
            "with an error or a sign-in page."
        )
    if start.startswith("<?xml"):
        raise UnreadableFile("This file is XML, not a CSV.")
    if start.startswith(("{", "[{", "[[")):
        raise UnreadableFile("This file is JSON, not a CSV.")
