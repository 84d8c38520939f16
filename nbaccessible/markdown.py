"""Markdown to tokens: mistune's, with references, heading attributes and footnotes in place and raw HTML made text."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from functools import cache
from typing import Any

import mistune
from mistune.core import BlockState

from nbaccessible.model import Token, legible, text_of

_ATTRIBUTES = re.compile(r"\s*\{\s*(?:#(?P<id>[^\s{}]+))?(?P<classes>(?:\s*\.[A-Za-z][\w-]*)*)\s*\}\s*$")
_COMMENT = re.compile(r"<!--.*?-->", re.S)
_BREAK = re.compile(r"<br\s*/?>", re.I)
_REFERENCE = r"(?<![\w@\\])@(?P<target>(?:fig|tbl|sec)-[A-Za-z0-9]+(?:[_.-][A-Za-z0-9]+)*)"
_LANGUAGE = r"\[(?P<words>[^\[\]]+)\]\{lang=(?P<lang>[A-Za-z]{2,3}(?:-[A-Za-z0-9]+)*)\}"
_PLUGINS = ["table", "footnotes", "strikethrough", "math", "task_lists", "url"]


@cache
def _parser() -> mistune.Markdown:
    def reference(_: Any, match: re.Match[str], state: Any) -> int:
        state.append_token({"type": "reference", "attrs": {"target": match["target"]}})
        return match.end()

    def of_language(inline: Any, match: re.Match[str], state: Any) -> int:
        within = state.copy()
        within.src = match["words"]
        children = inline.render(within)
        state.append_token({"type": "language", "attrs": {"lang": match["lang"]}, "children": children})
        return match.end()

    def escape(_: Any, match: re.Match[str], state: Any) -> int:
        # an escaped character is itself: neither the start of a reference nor of an entity
        # (a match holds one or more of them)
        state.append_token({"type": "literal", "raw": match[0][1::2]})
        return match.end()

    parser = mistune.Markdown(renderer=None, plugins=[mistune.plugins.import_plugin(name) for name in _PLUGINS])
    parser.inline.register("escape", parser.inline.specification["escape"], escape)
    parser.inline.register("reference", _REFERENCE, reference, before="link")
    parser.inline.register("language", _LANGUAGE, of_language, before="link")
    return parser


def parse(text: str) -> tuple[Token, ...]:
    """Block tokens of a Markdown text.

    Beyond mistune's own: `reference` (attrs target), `footnote` (attrs key; children its body, empty when repeated),
    `language` (attrs lang: of `[words]{lang=en}`), `heading` attrs `id`, `classes`; `html` never occurs, it has become
    text. Lists hold `list_item`s (attrs checked).
    """
    state = BlockState()
    text = text.replace("\x00", "\ufffd").expandtabs(4) if "\x00" in text else text
    parsed, _ = _parser().parse(text, state)
    tokens = [token for token in parsed if isinstance(token, dict)]
    notes = {
        str(item["attrs"]["key"]).casefold(): item["children"]
        for token in tokens
        if token["type"] == "footnotes"
        for item in token["children"]
    }
    return tuple(_clean([token for token in tokens if token["type"] != "footnotes"], _Notes(notes)))


class _Notes:
    """Footnote bodies by key; each is given out once, so that a repeated reference shares its note."""

    def __init__(self, bodies: dict[str, list[Token]]) -> None:
        self.bodies = bodies
        self.given: set[str] = set()

    def take(self, key: str) -> list[Token]:
        key = key.casefold()
        if key in self.given:
            return []
        self.given.add(key)
        body: list[Token] = []
        for block in _clean(self.bodies.get(key, []), self):
            if body:
                body.append({"type": "linebreak"})
            body.extend(_inlined(block))
        return body


def _inlined(block: Token) -> list[Token]:
    """A block inside a footnote as inline tokens: a footnote is one run of text."""
    if block["type"] in ("paragraph", "block_text", "heading"):
        return list(block["children"])
    if block["type"] == "block_code":
        return [{"type": "codespan", "raw": block["raw"].strip()}]
    if block["type"] == "block_math":
        return [{"type": "inline_math", "raw": block["raw"]}]
    parts: list[Token] = []
    for child in block.get("children", ()):
        if parts:
            parts.append({"type": "text", "raw": " "})
        parts.extend(_inlined(child) if "children" in child or child["type"].startswith("block") else [child])
    return parts


def _clean(tokens: Iterable[Token], notes: _Notes) -> list[Token]:
    return [cleaned for token in tokens for cleaned in _cleaned(token, notes)]


def _cleaned(token: Token, notes: _Notes) -> list[Token]:
    """What becomes of one of mistune's tokens: raw HTML is text, comments are nothing, a footnote has its body."""
    match token["type"]:
        case "blank_line":
            return []
        case "text":
            return [{"type": "text", "raw": html.unescape(token["raw"])}]
        case "literal":
            return [{"type": "text", "raw": token["raw"]}]
        case "block_html":
            shown = _COMMENT.sub("", token["raw"]).strip()
            return [{"type": "paragraph", "children": _lines(shown)}] if shown else []
        case "inline_html":
            if _BREAK.fullmatch(token["raw"]):
                return [{"type": "linebreak"}]
            return [] if _COMMENT.fullmatch(token["raw"]) else [{"type": "text", "raw": token["raw"]}]
        case "footnote_ref":
            key = str(token["raw"]).casefold()
            return [{"type": "footnote", "attrs": {"key": key}, "children": notes.take(key)}]
        case "heading":
            return [_heading(token, notes)]
        case "task_list_item":
            return [{**token, "type": "list_item", "children": _clean(token["children"], notes)}]
    if "children" in token:
        return [{**token, "children": _clean(token["children"], notes)}]
    return [token]


def _lines(text: str) -> list[Token]:
    tokens: list[Token] = []
    for line in text.splitlines():
        if tokens:
            tokens.append({"type": "softbreak"})
        tokens.append({"type": "text", "raw": line})
    return tokens


def _heading(token: Token, notes: _Notes) -> Token:
    """A heading with `{#id .class}` taken off its end; one with nothing to read is a paragraph: none is led to it."""
    children = list(token["children"])
    attrs: dict[str, Any] = {"level": token["attrs"]["level"], "id": "", "classes": ()}
    if children and children[-1]["type"] == "text":
        match = _ATTRIBUTES.search(children[-1]["raw"])
        if match and (match["id"] or match["classes"]):
            children[-1] = {**children[-1], "raw": children[-1]["raw"][: match.start()]}
            attrs["id"] = match["id"] or ""
            attrs["classes"] = tuple(name.lstrip(".") for name in match["classes"].split())
    children = _clean(children, notes)
    if not legible(text_of(children)):
        return {"type": "paragraph", "children": children}
    return {"type": "heading", "attrs": attrs, "children": children}
