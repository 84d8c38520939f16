"""What the keys of evaluation.yaml can only get wrong together.

The rules judge `Parts`, so that one broken key hides no problem of another.
"""

from __future__ import annotations

from collections.abc import Iterator

from fewdistricts.design.parts import Finding, Parts
from fewdistricts.design.rules import data, districts, indicators, references
from fewdistricts.design.rules.derived import derived
from fewdistricts.design.rules.subgroups import subgroups


def findings(parts: Parts) -> Iterator[Finding]:
    """Everything wrong between the keys."""
    for rule in (
        data.files,
        data.columns,
        references.ids,
        districts.waves,
        districts.starts,
        districts.districts,
        districts.pairs,
        districts.assignment,
        districts.clusters,
        indicators.theory,
        indicators.indicators,
        derived,
        references.columns_clash,
        subgroups,
        references.labels,
        references.references,
    ):
        yield from rule(parts)
