"""Holds what write-messy-data.ts took in against the published files, read here by Python's own csv and json.

usage: messy-data.py <folder>

Every record of a file is in its table, a duplicate of one that is, or a reject, by its number; the cells are the file's.
"""

import csv
import json
import sys
from datetime import date
from io import StringIO
from pathlib import Path
from zipfile import ZipFile

from comparison import check, checks_passed
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.types import DateType, DoubleType, LongType, StringType


def text_of(path):
    if path.suffix != ".zip":
        return path.open(newline="", encoding="utf-8")
    with ZipFile(path) as archive:
        (member,) = archive.namelist()
        return StringIO(archive.read(member).decode("utf-8"), newline="")


def records_of(path):
    """(number or line, record) pairs; of CSV the line at which a row begins, and None for an empty cell."""
    if path.suffix == ".json":
        return list(enumerate(json.loads(path.read_text("utf-8")), 1))
    with text_of(path) as file:
        reader = csv.reader(file)
        header = next(reader)
        records = []
        line = reader.line_num + 1
        for row in reader:
            records.append((line, {name: cell or None for name, cell in zip(header, row, strict=True)}))
            line = reader.line_num + 1
        return records


VALUES = {LongType: int, DoubleType: float, DateType: date.fromisoformat, StringType: str}


def typed(record, schema):
    """A record as its columns have it."""
    return tuple(
        None if value is None else VALUES[type(schema.find_field(name).field_type)](value) for name, value in record.items()
    )


def check_source(catalog, contract, path):
    name = contract["x-tidemark"]["table"]
    table = catalog.load_table(("bronze", name))
    records = records_of(path)
    key = contract["x-tidemark"]["business_key"]
    # The mistakes of these files that their contracts do not admit: a title that is a number, or none.
    refused = {number for number, record in records if not isinstance(record[key], str)}

    rows = {row["record_line"]: row for row in table.scan().to_arrow().to_pylist()}
    check(len(rows) == table.scan().count(), name, "rows of one line")
    seen, twice = {}, {}
    for number, record in records:
        if number in refused:
            continue
        cells = typed(record, table.schema())
        if cells in seen:
            twice[number] = seen[cells]
            continue
        seen[cells] = number
        check(number in rows, name, "record", number, "is not in the table")
        found = tuple(rows[number][column] for column in record)
        check(found == cells, name, "record", number, found, "in the file:", cells)

    check(set(rows) == set(seen.values()), name, "rows of no record", set(rows) - set(seen.values()))
    rejects = by_line(catalog, "rejects", name)
    check(set(rejects) == refused, name, "rejects", sorted(rejects), "expected", sorted(refused))
    skips = by_line(catalog, "skips", name)
    check(set(skips) == set(twice), name, "duplicates", sorted(skips), "expected", sorted(twice))
    for line, skip in skips.items():
        check(skip["outcome"] == "duplicate" and skip["keeper_line"] == twice[line], name, "the keeper of line", line, skip)
    check(len(rows) + len(rejects) + len(skips) == len(records), name, "the account does not close")
    print(f"ok {path.name}: {len(records)} records, {len(rows)} rows, {len(skips)} duplicates, {len(rejects)} rejects")


def by_line(catalog, table, source):
    rows = catalog.load_table(("bronze", table)).scan().to_arrow().to_pylist()
    return {row["record_line"]: row for row in rows if row["source_id"] == source}


def main(root):
    home = root / ".tidemark"
    catalog = SqlCatalog("tidemark", uri=f"sqlite:///{home}/catalog.db", warehouse=f"file://{home}/warehouse")
    for path in sorted((root / "published").iterdir()):
        contract = json.loads((root / "contracts/data" / f"{path.stem}.json").read_text("utf-8"))
        check_source(catalog, contract, path)
    print(f"{checks_passed()} checks passed")


main(Path(sys.argv[1]).resolve())
