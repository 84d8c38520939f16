"""Which indicators make a family's index."""

from __future__ import annotations

from surveys import a_design, peru

from fewdistricts.estimates.indices import index_items
from fewdistricts.estimates.measure import Survey
from fewdistricts.estimates.needs import families_with_index

KINDS = ["robbery", "theft"]


def test_members_have_a_direction_are_made_of_no_others_and_are_not_declared_outside():
    def one(name, **keys):
        return {"id": name, "label": name, "better": "lower", "family": "crime", **keys}

    listed = [one(name, column=name, yes=["yes"]) for name in KINDS]
    listed.append(one("any_crime", any_of=KINDS))
    listed.append(one("calls", column="calls", yes=["yes"]) | {"better": "none"})
    listed.append(one("crimes", column="crimes", unit="crimes", index="outside"))
    design = a_design({"a": "pilot", "b": "comparison"}, indicators=listed)
    assert [member.id for member in families_with_index(design)["crime"]] == KINDS


def test_the_victimisation_index_is_weighted_by_the_four_crimes():
    built = peru()
    made = {item.id: index for item, index in index_items(built.design, Survey(built.design, built.data))}
    crimes = made["index_victimisation"]
    assert not crimes.equal and len(crimes.weight) == 4
    assert (crimes.weight > 0.2).all() and (crimes.weight < 0.3).all()  # the four are hardly correlated
