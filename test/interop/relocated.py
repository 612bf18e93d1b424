"""Opens a home and its relocated copy with PyIceberg: every snapshot has the same rows, and the copy names only itself.

usage: relocated.py <home> <relocated home>

The first home is read, then renamed away: nothing of the second may be read through it.
"""

import sys
from pathlib import Path

from comparison import check, checks_passed
from pyiceberg.catalog.sql import SqlCatalog


def tables_of(home):
    catalog = SqlCatalog("tidemark", uri=f"sqlite:///{home}/catalog.db", warehouse=f"file://{home}/warehouse")
    return {name: catalog.load_table(("bronze", name)) for _, name in catalog.list_tables("bronze")}


def rows_of(table):
    """Rows of every snapshot, as text: what a row holds is compared elsewhere."""
    return {
        snapshot.snapshot_id: sorted(map(repr, table.scan(snapshot_id=snapshot.snapshot_id).to_arrow().to_pylist()))
        for snapshot in table.snapshots()
    }


def main(home, relocated):
    before = {name: rows_of(table) for name, table in tables_of(home).items()}
    away = home.rename(home.with_name("away"))
    try:
        after = tables_of(relocated)
        check(set(after) == set(before), "tables", set(after))
        for name, table in after.items():
            check(rows_of(table) == before[name], name, "rows of its snapshots")
            named = [table.metadata_location, table.location()]
            named += [snapshot.manifest_list for snapshot in table.snapshots()]
            named += table.inspect.all_manifests()["path"].to_pylist()
            named += table.inspect.files()["file_path"].to_pylist()
            strangers = [place for place in named if not place.startswith(f"file://{relocated}/")]
            check(not strangers, name, "names places outside its home:", strangers[:3])
            print(f"ok relocated {name}: {len(before[name])} snapshots")
    finally:
        away.rename(home)
    print(f"{checks_passed()} checks passed")


main(Path(sys.argv[1]), Path(sys.argv[2]))
