"""Opens the homes that write-main-job.ts filled with PyIceberg, and compares everything with what the ledgers say.

usage: main-job.py <folder>

Three things are told apart on purpose: what PyIceberg reads through the catalog, what expected.json holds (rows that
DuckDB read from the files that the ledger of units names, never from Iceberg metadata), and the bytes of the sources.
"""

import json
import re
import sys
from collections import defaultdict
from pathlib import Path

import pyarrow.parquet as pq
from comparison import (
    arrow_rows,
    check,
    check_filters,
    check_ids,
    check_inspection,
    checks_passed,
    days,
    literal,
    names_of,
    same_rows,
    wanted_rows,
)
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.expressions import And, EqualTo, GreaterThanOrEqual, IsNull, LessThan
from pyiceberg.types import TimestamptzType
from source_bytes import check_objects, check_source_lines

ANCHORS = {
    "manifest_id": r"manifest-[a-z0-9_-]+-\d{8}-\d{3}",
    "batch_id": r".+",
    "run_id": r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
    "source_fingerprint": r"[0-9a-f]{64}",
    "trace_id": r"[0-9a-f]{32}",
}

# What two runs of one history may differ in.
PER_RUN = {"run_id", "trace_id", "ingested_at", "ingest_ts", "keeper_run_id"}

# Tables of decisions; every other one is named for its contract and holds what was accepted.
DECISIONS = {"rejects", "skips", "quarantine"}

# Sums of fingerprints are taken modulo this.
DIGEST_MODULUS = 1 << 128


def check_home(home, label, expected):
    """Every table of a home. Returns their rows at the head, as PyIceberg read them."""
    catalog = SqlCatalog("tidemark", uri=f"sqlite:///{home}/catalog.db", warehouse=f"file://{home}/warehouse")
    check(catalog.list_namespaces() == [("bronze",)], label, "namespaces", catalog.list_namespaces())
    listed = {name for _, name in catalog.list_tables("bronze")}
    check(listed == set(expected), label, "tables", listed, "expected", set(expected))
    heads, ledger = {}, defaultdict(list)
    for name, facts in expected.items():
        table = catalog.load_table(("bronze", name))
        heads[name] = check_table(table, f"{label} {name}", facts, ledger)
        check_objects(home, f"{label} {name}", heads[name])
        if name not in DECISIONS:
            check_source_lines(home, f"{label} {name}", heads[name], columns_of(facts))
        print(f"ok {label} {name}: {len(heads[name])} rows, {len(facts['snapshots'])} snapshots")
    check_digests(label, expected, ledger)
    check_history(label, expected, heads)
    check_pruning(catalog.load_table("bronze.ticket"), f"{label} ticket", expected["ticket"])
    return catalog, heads


def columns_of(facts):
    return facts["snapshots"][-1]["columns"]


def key_of(row):
    return (row["unit_key"], row.get("record_line"))


def check_table(table, name, facts, ledger):
    snapshots = facts["snapshots"]
    read_ids = [str(snapshot.snapshot_id) for snapshot in table.snapshots()]
    check(read_ids == [snapshot["id"] for snapshot in snapshots], name, "snapshots", read_ids)
    check(table.metadata_location == snapshots[-1]["metadataLocation"], name, "metadata location", table.metadata_location)
    files, seen = [], set()
    for position, snapshot in enumerate(snapshots):
        files += snapshot["added"]
        rows = check_snapshot(table, f"{name} at snapshot {position}", snapshot, files)
        fresh = [row for row in rows if key_of(row) not in seen]
        seen.update(key_of(row) for row in rows)
        check(len(seen) == len(rows), name, position, "two rows are one record")
        check_added(f"{name} at snapshot {position}", snapshot, fresh)
        ledger[snapshot["summary"]["run_id"]].append((name.split()[1], fresh))
    scan = table.scan()
    same_rows(arrow_rows(scan.to_arrow()), rows, names_of(columns_of(facts)), name, "rows without naming a snapshot")
    check(scan.count() == len(rows), name, "count()", scan.count(), len(rows))
    check_ids(table, name)
    check_inspection(table, name, rows, snapshots)
    check_files(table, name, facts, files)
    return rows


def check_snapshot(table, name, snapshot, files):
    """Columns, files, rows and summary of one snapshot. Returns the rows that were read."""
    columns = snapshot["columns"]
    scan = table.scan(snapshot_id=int(snapshot["id"]))
    planned = sorted(task.file.file_path for task in scan.plan_files())
    check(planned == sorted(file["uri"] for file in files), name, "files", planned)
    read = scan.to_arrow()
    check(read.column_names == names_of(columns), name, "columns", read.column_names)
    rows = arrow_rows(read)
    expected = wanted_rows([row for file in files for row in file["rows"]], columns)
    same_rows(rows, expected, names_of(columns), name, "rows")
    check(scan.count() == len(expected), name, "count()", scan.count())
    batch = snapshot["summary"]["batch_id"]
    narrowed = table.scan(snapshot_id=int(snapshot["id"]), row_filter=EqualTo("batch_id", batch))
    same_rows(arrow_rows(narrowed.to_arrow()), [row for row in rows if row["batch_id"] == batch], names_of(columns), name, "of", batch)

    found = table.snapshot_by_id(int(snapshot["id"]))
    check(str(found.parent_snapshot_id) == str(snapshot["parent"]), name, "parent", found.parent_snapshot_id)
    check(found.summary.operation.value == "append", name, "operation", found.summary.operation)
    check_summary(name, found.summary.additional_properties, snapshot, len(expected))
    return rows


def check_summary(name, summary, snapshot, total):
    ours = {key.removeprefix("tidemark."): text for key, text in summary.items() if key.startswith("tidemark.")}
    wanted = snapshot["summary"]
    check(set(ours) == set(wanted), name, "summary keys", sorted(set(ours) ^ set(wanted)))
    for key, value in wanted.items():
        text = ours[key]
        parsed = sorted(text.split(",")) if isinstance(value, list) else json.loads(text) if isinstance(value, dict) else text
        check(parsed == value, name, f"tidemark.{key}:", text, "expected", value)
    check(summary["added-records"] == str(snapshot["addedRecords"]), name, "added-records", summary["added-records"])
    check(summary["added-data-files"] == str(len(snapshot["added"])), name, "added-data-files", summary["added-data-files"])
    check(summary["total-records"] == str(total), name, "total-records", summary["total-records"])


def check_added(name, snapshot, fresh):
    """The rows that a snapshot adds bear all five anchors, and those of its batch."""
    summary = snapshot["summary"]
    check(len(fresh) == snapshot["addedRecords"], name, "rows added", len(fresh), "expected", snapshot["addedRecords"])
    for row in fresh:
        for anchor, form in ANCHORS.items():
            check(re.fullmatch(form, row[anchor] or ""), name, anchor, "of a row is", row[anchor])
        check(row["manifest_id"] == summary["manifest_id"], name, "manifest_id of a row", row["manifest_id"])
        check(row["batch_id"] == summary["batch_id"], name, "batch_id of a row", row["batch_id"])
        check(row["run_id"] in summary["prepared_by"], name, "run_id of a row", row["run_id"], "not in", summary["prepared_by"])
    for required in ("source_id", "unit_key", "ingested_at"):
        check(all(row[required] is not None for row in fresh), name, required, "is null")


def check_files(table, name, facts, files):
    """Anchors in the files' own metadata, the order they claim, the partitions they are in."""
    entries = {entry["file_path"]: entry for entry in table.inspect.files().to_pylist()}
    partitioning = [(field.name, str(field.transform), table.schema().find_field(field.source_id).name) for field in table.spec().fields]
    columns = columns_of(facts)
    for file in files:
        entry = entries[file["uri"]]
        check(entry["record_count"] == len(file["rows"]), name, "record_count of", file["uri"], entry["record_count"])
        parquet = pq.read_table(file["uri"].removeprefix("file://"))
        stored = {key.decode(): value.decode() for key, value in (parquet.schema.metadata or {}).items()}
        for key, value in file["metadata"].items():
            check(stored.get(key) == value, name, f"{key} in the metadata of", file["uri"], "is", stored.get(key), "expected", value)
            check(set(parquet.column(key).to_pylist()) == {value}, name, f"{key} in the rows of", file["uri"])
        rows = wanted_rows(file["rows"], columns)
        if facts["sortedBy"] is not None and entry["sort_order_id"]:
            times = [row[facts["sortedBy"]] for row in arrow_rows(parquet)]
            check(None not in times and times == sorted(times), name, "claims to be sorted and is not:", file["uri"])
        for field, transform, source in partitioning:
            values = {partition_value(row[source], transform) for row in rows}
            check(values == {entry["partition"][field]}, name, field, "of", file["uri"], entry["partition"][field], "holds", values)
    if facts["sortedBy"] is not None and not partitioning:
        order = table.sort_order()
        check([table.schema().find_field(f.source_id).name for f in order.fields] == [facts["sortedBy"]], name, "sort order", order)
        unsorted = [path for path, entry in entries.items() if entry["sort_order_id"] != order.order_id]
        check(not unsorted, name, "files that do not claim the table's order", unsorted)


def partition_value(value, transform):
    if value is None or transform == "identity":
        return value
    if transform == "month":
        year, month = literal(value, TimestamptzType()).split("-")[:2]
        return (int(year) - 1970) * 12 + int(month) - 1
    return value[: int(re.fullmatch(r"truncate\[(\d+)\]", transform)[1])]


def check_digests(label, expected, ledger):
    """The counts and digests in a run's summaries are those of the rows that it added, table by table."""
    summaries = {s["summary"]["run_id"]: s["summary"] for facts in expected.values() for s in facts["snapshots"]}
    for run_id, additions in ledger.items():
        sums = defaultdict(lambda: [0, 0])
        for table, rows in additions:
            for row in rows if table != "quarantine" else []:
                outcome = {"rejects": "rejected", "skips": row.get("outcome")}.get(table, "accepted")
                for name in (outcome, "read"):
                    sums[name][0] += 1
                    sums[name][1] += int(row["record_fingerprint"], 16)
        for name in ("read", "accepted", "duplicate", "out_of_window", "rejected"):
            count, total = sums[name]
            where = (label, summaries[run_id]["manifest_id"], name)
            digest, counted = f"{count}:{total % DIGEST_MODULUS:032x}", summaries[run_id][f"records_{name}"]
            check(counted == str(count), *where, "records:", counted, "rows:", count)
            check(summaries[run_id][f"digest_{name}"] == digest, *where, summaries[run_id][f"digest_{name}"], "rows:", digest)


def check_pruning(table, name, facts):
    """A range of event times plans the files whose times overlap it and no other; so does a unit."""
    files = {file["uri"]: wanted_rows(file["rows"], columns_of(facts)) for s in facts["snapshots"] for file in s["added"]}
    spans = {uri: [row["created_at"] for row in rows] for uri, rows in files.items()}

    def planned(expression):
        return {task.file.file_path for task in table.scan(row_filter=expression).plan_files()}

    for start, end in (("2026-01-01", "2026-02-01"), ("2026-05-01", "2026-05-10"), ("2026-06-01", "2027-01-01")):
        low, high = days(start) * 86_400_000_000, days(end) * 86_400_000_000
        expression = And(GreaterThanOrEqual("created_at", f"{start}T00:00:00+00:00"), LessThan("created_at", f"{end}T00:00:00+00:00"))
        overlapping = {uri for uri, times in spans.items() if min(times) < high and max(times) >= low}
        check(planned(expression) == overlapping, name, start, end, "plans", planned(expression), "expected", overlapping)
        check(0 < len(overlapping) < len(files), name, start, end, "prunes nothing:", len(overlapping), "of", len(files))
    unit = facts["snapshots"][-1]["added"][0]["metadata"]["unit_key"]
    holding = {uri for uri, rows in files.items() if rows[0]["unit_key"] == unit}
    check(planned(EqualTo("unit_key", unit)) == holding, name, "a unit plans", planned(EqualTo("unit_key", unit)))


def check_partitions(table, name, facts):
    """A value of an identity partition plans the files of that value; so does its absence."""
    files = {file["uri"]: wanted_rows(file["rows"], columns_of(facts)) for s in facts["snapshots"] for file in s["added"]}
    for field in table.spec().fields:
        if str(field.transform) != "identity":
            continue
        values = {row[field.name] for rows in files.values() for row in rows}
        check(len(values) > 1, name, field.name, "has one value")
        for value in values:
            expression = IsNull(field.name) if value is None else EqualTo(field.name, value)
            planned = {task.file.file_path for task in table.scan(row_filter=expression).plan_files()}
            holding = {uri for uri, rows in files.items() if rows[0][field.name] == value}
            check(planned == holding, name, field.name, value, "plans", len(planned), "of", len(files), "expected", len(holding))


def check_table_filters(table, name, rows, facts):
    """Every column of a table; of a partitioned one those that its files are parted by, and one that came later."""
    columns = columns_of(facts)
    select = [column for column in ("unit_key", "record_line") if column in names_of(columns)]
    if table.spec().fields:
        sources = {table.schema().find_field(field.source_id).name for field in table.spec().fields}
        parting = [column for column in columns if column["name"] in sources]
        check_filters(table, name, rows, parting, samples=1, select=select)
        check_filters(table, name, rows, columns[-1:], select=select)
        check_partitions(table, name, facts)
    else:
        check_filters(table, name, rows, columns, select=select)


def check_history(label, expected, heads):
    """That there is something to tell apart: without it, much of the above would hold of itself."""
    commits = {name: [snapshot["summary"] for snapshot in facts["snapshots"]] for name, facts in expected.items()}
    widths = [len(snapshot["columns"]) for snapshot in expected["ticket"]["snapshots"]]
    check(widths[0] < widths[-1], label, "no column was added")
    for name in ("ticket", "doc_asset"):
        check(any(summary["revision"] == "2" for summary in commits[name]), label, name, "has no second revision")
    taken_over = [summary for summary in commits["ticket"] if summary["prepared_by"] != [summary["run_id"]]]
    check(len(taken_over) > 0, label, "no run committed what another one prepared")
    check({row["outcome"] for row in heads["skips"]} == {"duplicate", "out_of_window"}, label, "outcomes of skips")
    check(any(row["keeper_run_id"] != row["run_id"] for row in heads["skips"]), label, "no duplicate of an earlier run")


def main():
    folder = Path(sys.argv[1])
    expected = json.loads((folder / "expected.json").read_text())
    opened = {label: check_home(folder / label / ".tidemark", label, tables) for label, tables in expected.items()}

    plain, partitioned = opened["plain"][1], opened["partitioned"][1]
    for name, rows in plain.items():
        names = [column for column in names_of(columns_of(expected["plain"][name])) if column not in PER_RUN]
        same_rows(partitioned[name], rows, names, name, "partitioned, against the plain table")
    print("ok both homes hold the same rows")

    for label, (catalog, heads) in opened.items():
        for name, rows in heads.items():
            table = catalog.load_table(("bronze", name))
            if label == "plain" or table.spec().fields:
                check_table_filters(table, f"{label} {name}", rows, expected[label][name])
        print(f"ok {label}: filters")
    print(f"{checks_passed()} checks passed")


main()
