"""Opens the tables that a project has in S3 through its catalog in PostgreSQL with PyIceberg, and compares them with those
that the same job left in a home.

usage: production.py <home> <database> <location> <endpoint>
"""

import sys

from comparison import check, checks_passed
from pyiceberg.catalog.sql import SqlCatalog

# What two runs of one job may differ in.
PER_RUN = {"run_id", "trace_id", "ingested_at", "ingest_ts", "keeper_run_id"}


def tables_of(catalog):
    return {name: catalog.load_table(("bronze", name)) for _, name in catalog.list_tables("bronze")}


def rows_of(table):
    """Rows as text, without what is of a run."""
    rows = table.scan().to_arrow().to_pylist()
    return sorted(repr({name: value for name, value in row.items() if name not in PER_RUN}) for row in rows)


def places_of(table):
    yield table.metadata_location
    yield table.location()
    yield from (snapshot.manifest_list for snapshot in table.snapshots())
    yield from table.inspect.all_manifests()["path"].to_pylist()
    yield from table.inspect.files()["file_path"].to_pylist()


def main(home, database, location, endpoint):
    in_home = tables_of(
        SqlCatalog("tidemark", uri=f"sqlite:///{home}/catalog.db", warehouse=f"file://{home}/warehouse")
    )
    in_store = tables_of(
        SqlCatalog(
            "tidemark",
            **{
                "uri": database,
                "warehouse": f"{location}/warehouse",
                "py-io-impl": "pyiceberg.io.pyarrow.PyArrowFileIO",
                "s3.endpoint": endpoint,
                "s3.region": "us-east-1",
                "s3.access-key-id": "tester",
                "s3.secret-access-key": "a secret",
            },
        )
    )
    check(set(in_store) == set(in_home), "tables", set(in_store))
    for name, table in in_store.items():
        rows = rows_of(table)
        check(rows and rows == rows_of(in_home[name]), name, "rows")
        strangers = [place for place in places_of(table) if not place.startswith(f"{location}/warehouse/")]
        check(not strangers, name, "names places outside its store:", strangers[:3])
        print(f"ok in S3 {name}: {len(rows)} rows")
    print(f"{checks_passed()} checks passed")


main(*sys.argv[1:])
