"""Compares rows that PyIceberg read with the bytes they came from: no code of the writing side has a part in it."""

import hashlib
import json
import re
from functools import cache

from comparison import check, days

# A property of a record that has the name of one of these is in the column record_<name>.
SYSTEM_COLUMNS = (
    *("manifest_id", "batch_id", "run_id", "source_fingerprint", "trace_id", "source_id"),
    *("record_line", "record_offset", "record_fingerprint", "unit_key", "ingested_at"),
)


@cache
def object_bytes(home, sha256):
    for zone in ("raw", "quarantine"):
        path = home / zone / "sha256" / sha256[:2] / sha256
        if path.exists():
            content = path.read_bytes()
            check(hashlib.sha256(content).hexdigest() == sha256, "the content of", path, "has another sum")
            return content
    return None


def check_objects(home, name, rows):
    """Every row's source_fingerprint leads to its bytes, and so does every payload reference."""
    for row in rows:
        content = object_bytes(home, row["source_fingerprint"])
        check(content is not None, name, "no object has the source_fingerprint", row["source_fingerprint"])
        reference = row.get("payload_ref")
        check(reference is None or (home / reference).is_file(), name, "payload_ref", reference)
        if row.get("record_length") is not None:
            end = row["record_offset"] + row["record_length"]
            check(content[end : end + 1] in (b"", b"\r", b"\n"), name, "the payload of line", row["record_line"], "ends elsewhere")


def check_source_lines(home, name, rows, columns):
    """The cells of a record are what stands in its line of the source, read here by Python's own JSON."""
    types = {column["name"]: column["type"] for column in columns}
    for row in rows:
        if row["record_offset"] is None:
            continue
        content = object_bytes(home, row["source_fingerprint"])
        record = json.loads(content[row["record_offset"] :].split(b"\n", 1)[0].decode("utf-8-sig"))
        where = (name, "line", row["record_line"], "of", row["source_id"])
        cells = {f"record_{key}" if key in SYSTEM_COLUMNS else key: value for key, value in record.items()}
        check(set(cells) <= set(types), *where, "columns are missing for", set(cells) - set(types))
        for column, column_type in types.items():
            if column in SYSTEM_COLUMNS:
                continue
            wanted = from_source(cells.get(column), column_type)
            cell = row[column] if column_type["kind"] != "json" or row[column] is None else json.loads(row[column])
            check(cell == wanted, *where, f"{column}:", cell, "in the source:", wanted)


def from_source(value, column_type):
    """A JSON value in the form in which comparison.found gives a cell."""
    kind = column_type["kind"]
    if kind == "list":
        return None if value is None and column_type["element"]["kind"] != "struct" else [from_source(v, column_type["element"]) for v in value or []]
    if value is None or kind in ("string", "long", "boolean", "json"):
        return value
    if kind == "double":
        return repr(float(value))
    if kind == "date":
        return days(value)
    if kind == "timestamptz":
        return microseconds(value)
    members = {m["name"]: from_source(value.get(m["name"]), m["type"]) for m in column_type["fields"]}
    return {name: member for name, member in members.items() if member is not None}


def microseconds(text):
    """RFC 3339, any offset, as microseconds since 1970."""
    form = r"(\d{4}-\d\d-\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6})0*)?(?:[Zz]|([+-])(\d\d):(\d\d))"
    day, hour, minute, second, fraction, sign, off_hours, off_minutes = re.fullmatch(form, text).groups()
    offset = 0 if sign is None else int(f"{sign}1") * (int(off_hours) * 60 + int(off_minutes))
    seconds = days(day) * 86400 + int(hour) * 3600 + (int(minute) - offset) * 60 + int(second)
    return seconds * 1_000_000 + int((fraction or "0").ljust(6, "0"))
