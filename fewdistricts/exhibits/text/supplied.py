"""What the authors supplied beside the data: delivery, response, ethics, words of those concerned, recommendations."""

from __future__ import annotations

from typing import Any

from fewdistricts.exhibits.results import MOST, Results
from fewdistricts.exhibits.text import cost
from fewdistricts.exhibits.text.wording import Words, escape


def facts(results: Results, words: Words) -> dict[str, Any]:
    """The declared texts as plain text, empty where there is none, and what was not supplied."""
    design = results.design
    texts = {
        "delivery": design.intervention.delivery,
        "response": design.data.response,
        "qualitative": design.report.qualitative,
        "ethics": design.report.ethics,
    }
    values: dict[str, Any] = {name: escape(words.text(text)) if text else "" for name, text in texts.items()}
    values["recommendations"] = [escape(words.text(text)) for text in design.report.recommendations]
    values["mapped"] = design.map is not None and len(design.districts) <= MOST
    values["map_tiles"] = design.map is not None and design.map.file is None
    given = values | {"cost": design.intervention.cost}
    asked = ["response"] if design.data.level == "respondent" else []
    afterwards = ["delivery", "cost", "qualitative"] if results.changes else []
    lacking = [key for key in (*asked, *afterwards) if not given[key]]
    values["not_supplied"] = words.listed([words.label("supplied", "lacking", key) for key in lacking])
    values["cost"] = cost.sentence(results, words)
    return values
