"""The reference of evaluation.yaml for readers: the JSON Schema as Markdown, block by block."""

from __future__ import annotations

import json
from typing import Any

from fewdistricts.design.placeholders import PLACEHOLDER
from fewdistricts.design.read import schema

_INTRODUCTION = f"""\
# Reference of `evaluation.yaml`

Every key, as `.venv/bin/fewdistricts schema --markdown` prints it; `.venv/bin/fewdistricts schema` prints the JSON
Schema for editors. The command is there after `make set-up`, or any other `make`; in an active conda environment it is
`fewdistricts`. Keys that are not listed are refused, and all problems of a file are named at once. YAML 1.2 is read:
`yes`, `no` and `off` are words. `{PLACEHOLDER}` stands for what is still to be filled in and is refused.

| in this page | means |
|---|---|
| id | letters a-z, digits, hyphen, underscore; at most 64; begins with a letter or digit |
| text | a text in every language of `report.languages`, as `{{en: …, es: …}}`; with one language a plain text |
| name | a plain text that is the same in every language, or a text |
| column | the name of a column in the survey files, after `rename` |
| code | an answer as the file holds it: its code or its value label; 1, 1.0 and "1" are the same |
| codes | one code or a list |
| band | numbers like 18-29 (both ends belong to it), 45+ or <18 |
| day | a day like 2005-04-25 |
| month or day | 2003-11 or 2003-11-17; a month begins on its first and ends on its last day |

Keys in **bold** are required.
"""

_LIMITS = {"minimum": "at least", "exclusiveMinimum": "above", "maximum": "at most", "exclusiveMaximum": "below"}


def reference() -> str:
    """The reference as Markdown, the same for the same schema."""
    whole = schema()
    blocks = whole["$defs"]
    out = [_INTRODUCTION, "## The whole\n", *_table(whole, blocks)]
    for name in _order(whole, blocks):
        out += [f"\n## {name}\n", _line(blocks[name].get("description", "")) + "\n", *_table(blocks[name], blocks)]
    return "\n".join(out).rstrip() + "\n"


def _order(whole: dict[str, Any], blocks: dict[str, Any]) -> list[str]:
    """Blocks in the order in which a reader comes upon them."""
    found: list[str] = []

    def visit(node: Any) -> None:
        name = _name(node) if isinstance(node, dict) else ""
        if name and name not in found:
            found.append(name)
            visit(blocks[name])
        for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            visit(child)

    visit(whole["properties"])
    return found


def _table(block: dict[str, Any], blocks: dict[str, Any]) -> list[str]:
    lines = ["| key | value | default | meaning |", "|---|---|---|---|"]
    required = block.get("required", [])
    for key, value in block["properties"].items():
        shown = f"**`{key}`**" if key in required else f"`{key}`"
        meaning = _line(value.get("description") or blocks.get(_name(value), {}).get("description", ""))
        lines.append(f"| {shown} | {_kind(value)} | {_default(value)} | {meaning} |".replace("|  |", "| |"))
    return lines


def _line(text: str) -> str:
    return " ".join(text.split())


def _name(value: dict[str, Any]) -> str:
    """The block a value is, if it is one."""
    return str(value.get("$ref", "")).rpartition("/")[2]


def _default(value: dict[str, Any]) -> str:
    if value.get("default") in (None, [], {}) or isinstance(value["default"], dict):
        return ""
    return f"`{json.dumps(value['default'], ensure_ascii=False)}`".replace('"', "")


def _kind(value: dict[str, Any]) -> str:
    """What may stand there, in a few words."""
    if "format" in value:
        return str(value["format"])
    if "$ref" in value:
        return f"[{_name(value)}](#{_name(value).lower()})"
    if "enum" in value:
        return ", ".join(f"`{each}`" for each in value["enum"])
    if "anyOf" in value:
        return " or ".join(dict.fromkeys(_kind(each) for each in value["anyOf"]))
    match value.get("type"):
        case "array":
            return f"list of {_kind(value['items'])}"
        case "object":
            names = value.get("propertyNames")
            return f"{_kind(names) if names else 'key'}: {_kind(value['additionalProperties'])}"
        case "integer" | "number":
            kind = "whole number" if value["type"] == "integer" else "number"
            limits = [f"{word} {value[key]:g}" for key, word in _LIMITS.items() if abs(value.get(key, 1e9)) < 1e9]
            return ", ".join([kind, *limits])
        case "boolean":
            return "`true`, `false`"
    return "null" if value.get("type") == "null" else "text"
