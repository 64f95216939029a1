#!/usr/bin/env python3
"""Checks lines on stdin against one definition of the protocol's schema: `validate_lines.py SCHEMA DEFINITION`.

Prints a line for every fault. Exit status 0 without faults, 1 with some, 3 where the module jsonschema is missing.

The schema allows unknown fields, because both sides pass over them. Here they are faults: whatever this version writes
must be described.
"""
import json
import sys

try:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match
except ImportError:
    sys.exit(3)


def closed(schema):
    """The schema with every object closed to fields that it does not name."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    result = {key: closed(value) for key, value in schema.items()}
    if "properties" in schema and schema.get("type") == "object":
        result.setdefault("additionalProperties", False)
    return result


with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
Draft202012Validator.check_schema(schema)
definitions = closed(schema["$defs"])
by_type = {}
for entry in schema["$defs"][sys.argv[2]]["oneOf"]:
    name = entry["$ref"].rsplit("/", 1)[1]
    by_type[definitions[name]["properties"]["type"]["const"]] = Draft202012Validator(
        {"$ref": f"#/$defs/{name}", "$defs": definitions})
faults = 0
for number, line in enumerate(sys.stdin, 1):
    message = json.loads(line)
    validator = by_type.get(message.get("type"))
    if validator is None:
        fault = f"unknown type {message.get('type')!r}"
    else:
        error = best_match(validator.iter_errors(message))
        fault = error and f"{error.json_path}: {error.message}"
    if fault:
        faults += 1
        print(f"line {number}: {fault}: {line.strip()[:300]}")
sys.exit(1 if faults else 0)
