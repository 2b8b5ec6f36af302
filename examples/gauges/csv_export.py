"""Write records as one CSV that any reader of hydrographs can take."""

import csv
import io
from collections.abc import Iterator, Sequence

from gauges.records import Record

SEPARATOR = ","
"""Joins several keys in an address: unlike `+`, no client turns it into a space."""

# A record has a value only in the columns of its own kind and unit: the others stay empty in its rows.
_COLUMNS = (
    "site_no",
    "date",
    "datetime_utc",
    "discharge_cfs",
    "discharge_cms",
    "peak_date",
    "peak_time",
    "peak_cfs",
    "peak_codes",
    "gage_height_ft",
    "qualifiers",
)


def csv_lines(records: Sequence[Record]) -> Iterator[str]:
    """Write the records below each other, values as in the data, a piece of text for each record.

    The columns are those that at least one of the records has.
    """
    rows_of_each = [list(record.rows()) for record in records]
    used = {column for rows in rows_of_each for column in rows[0]}
    columns = [column for column in _COLUMNS if column in used]
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    for rows in rows_of_each:
        writer.writerows(rows)
        yield text.getvalue()
        text.seek(0)
        text.truncate()


def csv_name(records: Sequence[Record]) -> str:
    """Give a file name for the records: the key, or how many there are."""
    return f"{records[0].key if len(records) == 1 else f'{len(records)}-gauges'}.csv"
