"""JSONL into Parquet files or an Iceberg table by dlt, as its documentation arranges it for speed.

dlt_tickets.py <file.jsonl> <folder> <parquet|iceberg>
"""

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("RUNTIME__DLTHUB_TELEMETRY", "false")
# Its performance guide: larger buffers, files that are rotated so that the normaliser's processes share the work.
os.environ.setdefault("DATA_WRITER__BUFFER_MAX_ITEMS", "10000")
os.environ.setdefault("DATA_WRITER__FILE_MAX_ITEMS", "50000")
os.environ.setdefault("NORMALIZE__WORKERS", "2")

import dlt  # noqa: E402
from dlt.sources.filesystem import filesystem, read_jsonl  # noqa: E402


def main(source: Path, folder: Path, form: str) -> None:
    files = filesystem(bucket_url=source.parent.as_uri(), file_glob=source.name)
    tickets = (files | read_jsonl(chunksize=10_000)).with_name("ticket")
    tickets.max_table_nesting = 0  # One table, lists as JSON: tables of their own took longer.
    hints = {"table_format": "iceberg"} if form == "iceberg" else {}
    pipeline = dlt.pipeline(
        pipeline_name="tickets",
        pipelines_dir=str(folder / "pipelines"),
        destination=dlt.destinations.filesystem(bucket_url=(folder / "out").as_uri()),
        dataset_name="bench",
    )
    pipeline.run(tickets.apply_hints(**hints), loader_file_format="parquet")
    rows = pipeline.last_trace.last_normalize_info.row_counts["ticket"]
    json.dump({"rows": rows, "version": dlt.__version__}, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve(), sys.argv[3])
