"""YAML 1.2 as plain values: ruamel.yaml, whose scanner and parser, which take most of its time, libyaml stands in for.

libyaml reads YAML 1.1: what 1.2 reads otherwise is left to ruamel.yaml, and so is every text that libyaml refuses, for
the words of its errors. Which words are numbers, dates or truth values is ruamel.yaml's affair always.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any

import yaml as libyaml
from ruamel.yaml import YAML, events
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.nodes import Node

# what libyaml reads otherwise, or may: line breaks of 1.1, a byte order mark, tabs; directives, ends of documents,
# tags; a value right after a quoted key's colon; a block of text that is the whole document or begins with empty lines
OTHERWISE = re.compile(
    r"[\x85\u2028\u2029\ufeff\t]|^%|^\.\.\.|(?:^|[\s\[{,:-])!"
    r"|[\"']:\S|^\s*[|>]|[|>][-+\d]*(?:#| *(?:#.*)?\n\s*\n)",
    re.MULTILINE,
)
_LIBYAML = getattr(libyaml, "CSafeLoader", None)  # PyYAML can be without libyaml


def load(text: str) -> Any:
    """The values of one document; YAMLError, or what a wrong value raises, where it has none."""
    if _LIBYAML is not None and not OTHERWISE.search(text):
        quick = _reader()
        quick.Parser = functools.partial(_Parser, text)
        try:
            return quick.load(text)
        except Exception:
            pass
    return _reader().load(text)


def compose(text: str) -> Node:
    """The same document as a tree of nodes with their places."""
    return _reader().compose(text)


class _Constructor(SafeConstructor):
    """Dates stay texts: ours say themselves what is a month and what a day. Characters that JSON, which is YAML,
    escapes by surrogate pairs are what they stand for."""

    def construct_scalar(self, node: Node) -> Any:
        """Half a pair stays, to be refused where it stands."""
        given = super().construct_scalar(node)
        try:
            return given.encode("utf-16", "surrogatepass").decode("utf-16") if isinstance(given, str) else given
        except UnicodeDecodeError:
            return given


_Constructor.add_constructor("tag:yaml.org,2002:timestamp", SafeConstructor.construct_yaml_str)


def _reader() -> YAML:
    yaml = YAML(typ="safe", pure=True)  # its own C parser would make `no` false, as 1.1 has it
    yaml.Constructor = _Constructor
    return yaml


class _Parser:
    """ruamel.yaml's parser, whose events are libyaml's."""

    def __init__(self, text: str, loader: Any) -> None:  # noqa: ARG002 (ruamel.yaml passes it by name)
        self._events = _events(text)
        self._next: events.Event | None = next(self._events)

    def check_event(self, *kinds: type[events.Event]) -> bool:
        """Whether the next event is of one of these kinds."""
        return isinstance(self._next, kinds)

    def peek_event(self) -> Any:
        """The next event, which stays."""
        return self._next

    def get_event(self) -> Any:
        """The next event."""
        given, self._next = self._next, next(self._events, None)
        return given

    def dispose(self) -> None:
        """Nothing is held."""


def _events(text: str) -> Iterator[events.Event]:
    anchors = set()
    for event in libyaml.parse(text, Loader=_LIBYAML):
        if isinstance(event, libyaml.ScalarEvent | libyaml.CollectionStartEvent):
            if event.anchor in anchors:
                raise ValueError("ruamel.yaml warns of a name that is given twice, with both places")
            anchors |= {event.anchor} - {None}
        kind = getattr(events, type(event).__name__)
        match event:
            case libyaml.ScalarEvent():
                yield kind(event.anchor, None, event.implicit, event.value, style=event.style)
            case libyaml.CollectionStartEvent():
                yield kind(event.anchor, None, event.implicit, flow_style=event.flow_style)
            case libyaml.AliasEvent():
                yield kind(event.anchor)
            case _:
                yield kind()
