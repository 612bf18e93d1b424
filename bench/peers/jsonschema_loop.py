"""Parses and validates every line with jsonschema, its validator made once, and does nothing else.

jsonschema_loop.py <file.jsonl> <schema.json>
"""

import json
import sys
from importlib.metadata import version

from jsonschema import Draft202012Validator


def main(source: str, schema: str) -> None:
    with open(schema, encoding="utf-8") as file:
        validator = Draft202012Validator(json.load(file), format_checker=Draft202012Validator.FORMAT_CHECKER)
    rows = invalid = 0
    with open(source, encoding="utf-8") as lines:
        for line in lines:
            rows += 1
            if not validator.is_valid(json.loads(line)):
                invalid += 1
    json.dump({"rows": rows, "invalid": invalid, "version": version("jsonschema")}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
