"""Writes a Parquet file with pyarrow, and holds what Tidemark took in of it against what pyarrow reads of it.

usage: parquet-source.py write <file>
       parquet-source.py check <project> <file>
"""

import base64
import json
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from comparison import check, checks_passed
from pyiceberg.catalog.sql import SqlCatalog

ROWS = 20_000
MIDNIGHT = datetime(2026, 1, 1)


def every(number, other):
    """A value that is missing in every so manieth row."""
    return [None if row % number == 0 else other(row) for row in range(ROWS)]


def write(path):
    small = [("count", pa.int8()), ("words", pa.list_(pa.large_string()))]
    table = pa.table(
        {
            "id": pa.array([2**62 + row for row in range(ROWS)], pa.int64()),
            "total": pa.array(every(7, lambda row: Decimal(row) / 4), pa.decimal128(20, 2)),
            # No number that JSON has: a rejection of its row.
            "ratio": pa.array([float("nan") if row % 5000 == 3 else row / 3 for row in range(ROWS)], pa.float64()),
            "paid": pa.array(every(3, lambda row: row % 2 == 0), pa.bool_()),
            "note": pa.array(every(5, lambda row: f'line\n"{row}" größer, 再現 ✨'), pa.string()),
            "kind": pa.array([("open", "closed")[row % 2] for row in range(ROWS)]).dictionary_encode(),
            "day": pa.array(every(11, lambda row: date(1960, 1, 1) + timedelta(days=row)), pa.date32()),
            "at": pa.array([MIDNIGHT + timedelta(microseconds=row * 1_000_003) for row in range(ROWS)], pa.timestamp("us", "UTC")),
            "seen": pa.array(every(13, lambda row: MIDNIGHT - timedelta(seconds=row)), pa.timestamp("ms")),
            "tags": pa.array(every(4, lambda row: [f"t{row % 3}", None] if row % 8 else []), pa.list_(pa.string())),
            "inside": pa.array(every(9, lambda row: {"count": row % 100, "words": ["a"] * (row % 3)}), pa.struct(small)),
            "by_name": pa.array([[("a", row), ("b", None)] for row in range(ROWS)], pa.map_(pa.string(), pa.int32())),
            "bytes": pa.array(every(6, lambda row: row.to_bytes(3, "big")), pa.binary()),
        }
    )
    # Two rows once more: duplicates.
    table = pa.concat_tables([table, table.slice(100, 2)])
    pq.write_table(table, path, row_group_size=3000, compression="snappy", data_page_version="2.0")


def wanted(row):
    """A row as the table has it, nested values as the JSON that their columns hold."""
    cells = {name: value for name, value in row.items() if value is not None}
    if "total" in cells:
        cells["total"] = float(cells["total"])
    if "seen" in cells:
        cells["seen"] = cells["seen"].replace(tzinfo=UTC)
    if "bytes" in cells:
        cells["bytes"] = base64.b64encode(cells["bytes"]).decode()
    cells["by_name"] = dict(cells["by_name"])
    return cells


def found(row, names):
    cells = {name: row[name] for name in names if row[name] is not None}
    for name in ("inside", "by_name"):
        if isinstance(cells.get(name), str):
            cells[name] = json.loads(cells[name])
    return cells


def main_check(root, path):
    home = root / ".tidemark"
    catalog = SqlCatalog("tidemark", uri=f"sqlite:///{home}/catalog.db", warehouse=f"file://{home}/warehouse")
    source = pq.read_table(path).to_pylist()
    rows = {row["record_line"]: row for row in catalog.load_table("bronze.columns").scan().to_arrow().to_pylist()}
    rejects = lines_of(catalog, "rejects")
    skips = lines_of(catalog, "skips")
    check(rejects == {line for line, row in enumerate(source, 1) if row["ratio"] != row["ratio"]}, "rejects", rejects)
    check(skips == {ROWS + 1, ROWS + 2}, "duplicates", skips)
    check(len(rows) + len(rejects) + len(skips) == len(source), "the account does not close")
    for line, row in enumerate(source, 1):
        if line in rejects or line in skips:
            continue
        check(line in rows, "row", line, "is not in the table")
        cells, of_source = found(rows[line], row), wanted(row)
        check(cells == of_source, "row", line, cells, "in the file:", of_source)
    raw = home / "raw/sha256"
    kept = [file.read_bytes() for file in raw.rglob("*") if file.is_file()]
    check(kept == [path.read_bytes()], "the raw bytes are not those of the file")
    print(f"ok {path.name}: {len(source)} rows, {len(rejects)} rejects, {len(skips)} duplicates")
    print(f"{checks_passed()} checks passed")


def lines_of(catalog, table):
    return {row["record_line"] for row in catalog.load_table(f"bronze.{table}").scan().to_arrow().to_pylist()}


if sys.argv[1] == "write":
    write(Path(sys.argv[2]))
else:
    main_check(Path(sys.argv[2]), Path(sys.argv[3]))
