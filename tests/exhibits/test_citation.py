"""CITATION.cff: what evaluation.yaml declares of authors, publisher, contact, licence and how to cite stands in it."""

from __future__ import annotations

from typing import Any

import pytest
from ruamel.yaml import YAML
from surveys import a_design

from fewdistricts.exhibits import citation


def cited(**report: Any) -> dict[str, Any]:
    """The file of a small design whose report declares something, read as YAML."""
    design = a_design({"a": "pilot"}, title='Patrols: "safe" #1', report={"date": "2006-01-31", **report})
    return YAML(typ="safe", pure=True).load(citation.text(design))


def test_what_is_declared_stands_in_it():
    whole = cited(
        authors=["Ana Díaz", "Bo"], publisher="Association", contact="ask@example.org", license="CC-BY-4.0",
        citation="Díaz, A.; Bo (2006). Patrols.", languages=["en"],
    )  # fmt: skip
    assert (whole["cff-version"], whole["message"]) == ("1.2.0", "Díaz, A.; Bo (2006). Patrols.")
    assert (whole["type"], whole["date-released"]) == ("dataset", "2006-01-31")
    for part in (whole, whole["preferred-citation"]):
        assert part["title"] == 'Patrols: "safe" #1'
        assert part["authors"] == [{"name": "Ana Díaz"}, {"name": "Bo"}]
        assert part["contact"] == [{"name": "Association", "email": "ask@example.org"}]
        assert part["license"] == "CC-BY-4.0"
    report = whole["preferred-citation"]
    assert (report["type"], report["year"], report["month"], report["languages"]) == ("report", 2006, 1, ["en"])
    assert report["publisher"] == {"name": "Association"}


def test_what_is_not_declared_is_left_out():
    whole = cited()
    assert not {"license", "license-url", "contact"} & set(whole)
    assert "publisher" not in whole["preferred-citation"]
    assert whole["authors"] == [{"name": whole["title"]}]  # the format asks for one
    assert whole["message"].startswith(whole["title"])


@pytest.mark.parametrize(
    ("terms", "shown"),
    [
        ("https://example.org/terms", {"license-url": "https://example.org/terms"}),
        ("Only for members of the association", {}),
    ],
)
def test_a_licence_that_is_no_identifier(terms, shown):
    whole = cited(license=terms)
    assert {key: whole[key] for key in ("license", "license-url") if key in whole} == shown


@pytest.mark.parametrize("contact", ["The town hall, first floor", "ask@town", "Ana Díaz, ana@example.org"])
def test_a_contact_that_is_no_address_of_mail(contact):
    assert cited(contact=contact)["contact"] == [{"name": contact}]
