"""Brings rows that PyIceberg read and rows that the writing side expects to one form, and compares them.

Whole numbers and times become integers, doubles their repr (-0.0 and NaN included), a missing key and a null are alike,
null members of a struct are left out. PyIceberg 0.12 reads a null list of structs as an empty one (pyarrow reads the
same files right): both are brought to the empty list.
"""

import datetime as dt
import json
import math
import sys
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pyiceberg.expressions import (
    And,
    EqualTo,
    GreaterThan,
    GreaterThanOrEqual,
    In,
    IsNaN,
    IsNull,
    LessThan,
    LessThanOrEqual,
    NotNaN,
    NotNull,
    StartsWith,
)
from pyiceberg.schema import assign_fresh_schema_ids
from pyiceberg.types import DateType, DoubleType, StringType, TimestamptzType

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
MICRO = dt.timedelta(microseconds=1)

checks = 0


def check(condition, *message):
    global checks
    checks += 1
    if not condition:
        sys.exit("FAILED: " + " ".join(str(part) for part in message))


def checks_passed():
    return checks


def lists_structs(column_type):
    return column_type["kind"] == "list" and column_type["element"]["kind"] == "struct"


def instant(text):
    day, rest = text.split(" ")
    clock, _, fraction = rest.removesuffix("+00").partition(".")
    year, month, date = map(int, day.split("-"))
    hour, minute, second = map(int, clock.split(":"))
    moment = dt.datetime(year, month, date, hour, minute, second, tzinfo=dt.timezone.utc)
    return (moment - EPOCH) // MICRO + int(fraction.ljust(6, "0") or 0)


def days(text):
    return dt.date.fromisoformat(text).toordinal() - dt.date(1970, 1, 1).toordinal()


def wanted(value, column_type):
    """A value of expected.json in the common form."""
    kind = column_type["kind"]
    if value is None:
        return [] if lists_structs(column_type) else None
    if kind == "long":
        return int(value)
    if kind == "double":
        return repr(float(value))
    if kind == "timestamptz":
        return instant(value)
    if kind == "date":
        return days(value)
    if kind == "list":
        return [wanted(item, column_type["element"]) for item in value]
    if kind == "struct":
        members = {m["name"]: wanted(value.get(m["name"]), m["type"]) for m in column_type["fields"]}
        return {name: member for name, member in members.items() if member is not None}
    return value


def wanted_rows(rows, columns):
    return [{c["name"]: wanted(row.get(c["name"]), c["type"]) for c in columns} for row in rows]


def found(value, arrow_type):
    """A value of an Arrow array, already turned to Python with times as integers, in the common form."""
    is_list = pa.types.is_list(arrow_type) or pa.types.is_large_list(arrow_type)
    if value is None:
        return [] if is_list and pa.types.is_struct(arrow_type.value_type) else None
    if pa.types.is_floating(arrow_type):
        return repr(float(value))
    if is_list:
        return [found(item, arrow_type.value_type) for item in value]
    if pa.types.is_struct(arrow_type):
        members = {f.name: found(value[f.name], f.type) for f in arrow_type}
        return {name: member for name, member in members.items() if member is not None}
    return value


def integer_times(arrow_type):
    if pa.types.is_timestamp(arrow_type):
        return pa.int64()
    if pa.types.is_date32(arrow_type):
        return pa.int32()
    if pa.types.is_list(arrow_type):
        return pa.list_(integer_times(arrow_type.value_type))
    if pa.types.is_large_list(arrow_type):
        return pa.large_list(integer_times(arrow_type.value_type))
    if pa.types.is_struct(arrow_type):
        return pa.struct([pa.field(f.name, integer_times(f.type)) for f in arrow_type])
    return arrow_type


def arrow_rows(table):
    columns = {}
    for name, column in zip(table.column_names, table.columns):
        target = integer_times(column.type)
        values = column.cast(target).to_pylist()
        columns[name] = [found(value, target) for value in values]
    return [dict(zip(columns, values)) for values in zip(*columns.values())]


def read_parquet(uri):
    return pq.read_table(uri.removeprefix("file://"))


def bag(rows, names):
    return Counter(json.dumps([row.get(name) for name in names], sort_keys=True) for row in rows)


def same_rows(actual, expected, names, *where):
    left, right = bag(actual, names), bag(expected, names)
    check(left == right, *where, "\n only read:", list((left - right))[:3], "\n only expected:", list((right - left))[:3])


def names_of(columns):
    return [column["name"] for column in columns]


def strip(value, arrow_type):
    """A struct as an older schema knew it."""
    if isinstance(value, dict) and pa.types.is_struct(arrow_type):
        return {key: item for key, item in value.items() if arrow_type.get_field_index(key) >= 0}
    return value


def check_ids(table, name):
    """Ids of a first schema are those PyIceberg would have given; last-column-id is at least the highest."""
    first = table.schemas()[0]
    check(assign_fresh_schema_ids(first).as_struct() == first.as_struct(), name, "fresh field ids")
    highest = max(schema.highest_field_id for schema in table.schemas().values())
    check(table.metadata.last_column_id >= highest, name, "last-column-id")


def check_inspection(table, name, current, snapshots):
    inspect = table.inspect
    check(inspect.snapshots().num_rows == len(snapshots), name, "inspect.snapshots")
    check(inspect.history().num_rows == len(snapshots), name, "inspect.history")
    check(inspect.metadata_log_entries().num_rows == len(table.metadata.metadata_log) + 1, name, "metadata_log_entries")
    inspect.refs()
    if not snapshots or inspect.manifests().num_rows == 0:
        return  # PyIceberg's inspect.files and the like fail on a snapshot without a manifest; its scans do not.
    head = table.current_snapshot()
    files = inspect.files().to_pylist()
    check(sum(file["record_count"] for file in files) == len(current), name, "records of inspect.files")
    check(len(files) == int(head.summary["total-data-files"]), name, "total-data-files")
    check(sum(file["file_size_in_bytes"] for file in files) == int(head.summary["total-files-size"]), name, "total-files-size")
    for file in files:
        path = Path(file["file_path"].removeprefix("file://"))
        check(path.stat().st_size == file["file_size_in_bytes"], name, "size of", path)
    check(inspect.data_files().num_rows == len(files), name, "inspect.data_files")
    check(inspect.delete_files().num_rows == 0, name, "inspect.delete_files")
    live = [entry for entry in inspect.entries().to_pylist() if entry["status"] != 2]
    check(len(live) == len(files), name, "inspect.entries")
    for manifest in inspect.manifests().to_pylist():
        check(manifest["added_snapshot_id"] in {s.snapshot_id for s in table.snapshots()}, name, "inspect.manifests")
    inspect.all_manifests()
    inspect.all_files()
    if table.spec().fields:
        partitions = inspect.partitions().to_pylist()
        check(sum(p["record_count"] for p in partitions) == len(current), name, "inspect.partitions")


def literal(value, field_type):
    if isinstance(field_type, TimestamptzType):
        return (EPOCH + dt.timedelta(microseconds=value)).isoformat()
    if isinstance(field_type, DateType):
        return dt.date.fromordinal(dt.date(1970, 1, 1).toordinal() + value).isoformat()
    if isinstance(field_type, DoubleType):
        return float(value)
    return value


def check_filters(table, name, current, columns, samples=None, select=None):
    """Every primitive column, and every primitive member of a struct, under every kind of filter.

    With `samples`, that many values of each and the greatest, all under every kind of comparison; without, every kind
    once, each with another value. `select` names the columns that are read and compared; all by default.
    """
    for column in columns:
        kind = column["type"]["kind"]
        if "." in column["name"]:
            continue  # PyIceberg takes a name with a dot in it for a path, in filters only.
        if kind == "struct":
            for member in column["type"]["fields"]:
                path = (column["name"], member["name"])
                if member["type"]["kind"] not in ("list", "struct"):
                    check_column_filters(table, name, current, path, samples, select or names_of(columns))
        elif kind != "list":
            check_column_filters(table, name, current, (column["name"],), samples, select or names_of(columns))


def at(row, path):
    for name in path:
        row = (row or {}).get(name)
    return row


def check_column_filters(table, name, current, path, samples, select):
    dotted = ".".join(path)
    field_type = table.schema().find_field(dotted).field_type
    double = isinstance(field_type, DoubleType)

    def number(value):
        return float(value) if double and value is not None else value

    def expect(expression, keep, what):
        rows = [row for row in current if keep(number(at(row, path)))]
        scan = table.scan(row_filter=expression, selected_fields=tuple(select))
        same_rows(arrow_rows(scan.to_arrow()), rows, select, name, dotted, what)

    expect(IsNull(dotted), lambda v: v is None, "is null")
    expect(NotNull(dotted), lambda v: v is not None, "is not null")
    if double:
        expect(IsNaN(dotted), lambda v: v is not None and math.isnan(v), "is nan")
        # Without NotNull, PyIceberg keeps a null where the file lacks the column and drops it where the file has it.
        expect(And(NotNull(dotted), NotNaN(dotted)), lambda v: v is not None and not math.isnan(v), "is not nan")
    values = sorted({v for v in (number(at(row, path)) for row in current) if v is not None and not (double and math.isnan(v))})
    if samples is None:
        picked = [values[len(values) * part // 4] for part in (1, 2, 3)] if values else []
    else:
        picked = values[:: max(1, len(values) // samples)] + values[-1:]
    for position, value in enumerate(picked):
        # Bounds are cut to 16 code points.
        kinds = value_filters(dotted, field_type, value, least=values[0], prefixes=(1, 15, 16, 17) if samples else (1, 16))
        for expression, keep, what in kinds if samples else kinds[position :: len(picked)]:
            expect(expression, lambda v: v is not None and keep(v), what)


def value_filters(dotted, field_type, value, least, prefixes):
    """Every comparison with a value: the filter, what it should do to a value that is not null, its name."""
    given = literal(value, field_type)
    filters = [(EqualTo(dotted, given), lambda v: v == value, f"= {given!r}")]
    if not isinstance(value, float) or 0 not in (least, value):  # PyIceberg's In tells -0.0 from 0.0; its = does not.
        listed = [literal(least, field_type), given]
        filters.append((In(dotted, listed), lambda v: v in (least, value), f"in {listed!r}"))
    if isinstance(value, bool):
        return filters
    filters += [
        (LessThan(dotted, given), lambda v: v < value, f"< {given!r}"),
        (LessThanOrEqual(dotted, given), lambda v: v <= value, f"<= {given!r}"),
        (GreaterThan(dotted, given), lambda v: v > value, f"> {given!r}"),
        (GreaterThanOrEqual(dotted, given), lambda v: v >= value, f">= {given!r}"),
    ]
    if isinstance(field_type, StringType) and value:
        for prefix in sorted({value[:length] for length in prefixes}):
            filters.append((StartsWith(dotted, prefix), lambda v, p=prefix: v.startswith(p), f"starts with {prefix!r}"))
    return filters
