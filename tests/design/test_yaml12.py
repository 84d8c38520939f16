"""YAML 1.2 by libyaml's parser: the same values as ruamel.yaml's, and its words for what is none."""

import math
import warnings
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from ruamel.yaml.error import YAMLError

from fewdistricts import paths
from fewdistricts.design import yaml12
from fewdistricts.exhibits.text.wording import TEXTS

DECLARED = paths.PROJECT / "data" / "raw" / "peru-2005" / "evaluation.yaml"
WRITTEN = r"""
    a b:· -· : { } [ ] ,· " ' # ·#·c | |-¶·· >¶· >- >+ ? ?· &x· *x <<:· no yes 1_0 0o17 017 1e3 .inf ~ null true 2003-11
    2003-11-05 12:30 = \u00e9 \ud83d\ude00 \/ é - ---· ... % @ ` x:·y http://x "a":1 'it''s' 0x1F +1 -0 1. .5 ! !!str·
    · ¶ ¶·· ¶···· ¬¶ ↹ ‖ ⁋
"""
SIGNS = str.maketrans({"·": " ", "¶": "\n", "¬": "\r", "↹": "\t", "‖": "\u2028", "⁋": "\ufeff"})


def written(pieces: list[str]) -> str:
    return "".join(pieces).translate(SIGNS)


def outcome(read: Any, text: str) -> str:
    """The values, or the error with its place; `nan` is not equal to itself, and 1 is equal to True."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return repr(read(text))
    except Exception as error:
        return repr(error)


def slow(text: str) -> Any:
    return yaml12._reader().load(text)


@pytest.mark.parametrize("file", [DECLARED, *sorted(TEXTS.glob("*/*.yaml"))], ids=lambda file: file.stem)
def test_our_files_are_read_by_libyaml_and_the_same(file: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    text = file.read_text(encoding="utf-8")
    expected = slow(text)
    readers = []
    reader = yaml12._reader
    monkeypatch.setattr(yaml12, "_reader", lambda: readers.append(reader()) or readers[-1])
    assert yaml12.load(text) == expected
    assert len(readers) == 1  # a second would be the one to fall back on


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(WRITTEN.split()), min_size=1, max_size=14).map(written))
@example("a: |# c\n  x")
@example("a: >\n \n    x")
@example("é\n\n...\n\n...")
@example('["a":1http://x]')
@example("- &x 1\n- &x 2\n- *x")
@example("- &x a: *x")
def test_any_text_has_the_values_or_the_error_of_ruamel(text: str) -> None:
    assert outcome(yaml12.load, text) == outcome(slow, text)


def test_without_libyaml_the_values_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    text = DECLARED.read_text(encoding="utf-8")
    quick = yaml12.load(text)
    monkeypatch.setattr(yaml12, "_LIBYAML", None)
    assert yaml12.load(text) == quick


def test_words_are_those_of_1_2() -> None:
    found = yaml12.load("[no, off, 0o17, 017, 12:30, 2003-11-05, .nan]")
    assert found[:-1] == ["no", "off", 15, 17, "12:30", "2003-11-05"]
    assert math.isnan(found[-1])
    with pytest.raises(YAMLError, match=r"line 2, column 4"):
        yaml12.load("a: 1\n  b: 2")
