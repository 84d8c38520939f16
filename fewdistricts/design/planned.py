"""The plan: what was declared before the follow-up data, its hash, and how a later declaration deviates from it.

Covered is what decides which numbers are computed and how they are read: indicators, families, inference. Labels,
questions and orders of listing are not covered; they may change without a deviation.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from fewdistricts import paths
from fewdistricts.design.blocks import RULES, Indicator
from fewdistricts.design.model import Design
from fewdistricts.errors import ConfigurationError, Problem

NAME = "plan.json"
"""The recorded plan, beside evaluation.yaml; fit to be committed."""
ADDED, DROPPED, CHANGED, INFERENCE = "added", "dropped", "changed", "inference"


@dataclass(frozen=True)
class Plan:
    """A recorded plan."""

    date: date
    """Of the report that it was declared for: nothing takes it from a clock."""
    hash: str
    declarations: dict[str, Any]
    labels: dict[str, dict[str, str]]
    """Names of the planned indicators, not covered by the hash: a dropped one has to be called something."""
    followed: bool
    """Whether answers of a later wave were at hand already when it was recorded."""

    def holds(self, indicator: str) -> bool:
        """Whether an indicator was planned."""
        return indicator in self.declarations["indicators"]


@dataclass(frozen=True)
class Deviation:
    """One difference from the plan; `key` and the two values are empty where a whole indicator is concerned."""

    kind: str
    indicator: str = ""
    key: str = ""
    planned: Any = None
    now: Any = None


def declarations(design: Design) -> dict[str, Any]:
    """What the plan covers, as JSON that no order of listing changes."""
    families: dict[str, list[str]] = {}
    for indicator in sorted(design.indicators, key=lambda i: i.id):
        families.setdefault(indicator.family, []).append(indicator.id)
    return {
        "indicators": {i.id: _indicator(design, i) for i in design.indicators},
        "families": families,
        "inference": design.inference.model_dump(mode="json")
        | {f"assignment_{key}": value for key, value in _assignment(design).items()}
        | _theory(design)
        | _subgroups(design),
    }


def _theory(design: Design) -> dict[str, Any]:
    """The steps of the theory, which say before the results what ought to move, in order; only what is declared."""
    steps = [" / ".join(sorted(step)) for step in design.intervention.theory]
    return {"theory": steps} if steps else {}


def _subgroups(design: Design) -> dict[str, Any]:
    """Whose answers are also compared, with the role of the comparison; only what is declared."""
    listed = []
    for subgroup in design.subgroups:
        codes = subgroup.groups or dict.fromkeys(subgroup.bands, ())
        groups = [" ".join([name, *sorted(members)]) for name, members in codes.items()]
        listed.append(f"{subgroup.id} ({subgroup.column}, {subgroup.role}): {', '.join(groups)}")
    return {"subgroups": listed} if listed else {}


def _assignment(design: Design) -> dict[str, Any]:
    """How districts were assigned, which decides the test that leads."""
    assignment = design.intervention.assignment
    labelled = {
        label: sorted(f"{d.id}: {getattr(d, label)}" for d in design.districts if getattr(d, label))
        for label in ("block", "pair", "cluster")
    }
    strata = labelled["block"] if assignment.within == "block" else []
    return {
        "by": assignment.by,
        "within": assignment.within,
        "strata": strata,
        "pairs": labelled["pair"],
        "clusters": labelled["cluster"],
    }


def _indicator(design: Design, indicator: Indicator) -> dict[str, Any]:
    return {
        "column": indicator.column,
        "yes": None if indicator.yes is None else sorted(indicator.yes),
        "scale": None if indicator.scale is None else list(indicator.scale),
        "among": {column: sorted(codes) for column, codes in indicator.among.items()},
        "better": indicator.better,
        "family": indicator.family,
        "role": indicator.role,
        "recall_months": indicator.recall_months,
        "worthwhile": indicator.worthwhile,
        "not_comparable": sorted(wave for wave, alike in indicator.comparable.items() if not alike),
        "waves": sorted(w.id for w in design.waves if design.asked(indicator, w)),
        "missing": {kind: sorted(codes) for kind, codes in design.missing_of(indicator).items() if codes},
        **_making(indicator),
    }


MAKING = ("answered", "reversed", "band", "contains", "blank", "watch", "index")
OPTIONAL = (*MAKING, *RULES, "theory", "subgroups")
"""Keys that a plan holds only where they are declared: one that is not there is one that was left open."""


def _making(indicator: Indicator) -> dict[str, Any]:
    """How an indicator is made of others, or of bands, ticks and lists; only what is declared."""
    declared: dict[str, Any] = {key: getattr(indicator, key) for key in MAKING}
    if indicator.rule:
        declared[indicator.rule] = sorted(indicator.parts)
    return {key: sorted(value) if isinstance(value, tuple) else value for key, value in declared.items() if value}


def digest(declared: dict[str, Any]) -> str:
    """SHA-256 of the canonical JSON: keys sorted, no spaces, UTF-8."""
    text = json.dumps(declared, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def deviations(plan: Plan, design: Design) -> list[Deviation]:
    """Every difference between the plan and what is declared now, indicators in declared order."""
    return list(_deviations(plan.declarations, declarations(design)))


def _deviations(planned: dict[str, Any], now: dict[str, Any]) -> Iterator[Deviation]:
    for indicator, declared in now["indicators"].items():
        if indicator not in planned["indicators"]:
            yield Deviation(ADDED, indicator)
            continue
        for key, before, value in _changes(planned["indicators"][indicator], declared):
            yield Deviation(CHANGED, indicator, key, before, value)
    for indicator in planned["indicators"]:
        if indicator not in now["indicators"]:
            yield Deviation(DROPPED, indicator)
    for key, before, value in _changes(planned["inference"], now["inference"]):
        yield Deviation(INFERENCE, "", key, before, value)


def _changes(planned: dict[str, Any], now: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Keys with another value than planned; a plan made before a key existed says nothing of it."""
    for key in dict.fromkeys([*now, *planned]):
        known = (key in planned and key in now) or key in OPTIONAL
        if known and planned.get(key) != now.get(key):
            yield key, planned.get(key), now.get(key)


def recorded(evaluation: str) -> Plan | None:
    """The recorded plan; None where there is none; ConfigurationError where it was changed since."""
    path = paths.raw(evaluation) / NAME
    if not path.exists():
        return None
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        plan = Plan(
            date.fromisoformat(said["date"]), said["hash"], said["declarations"], said["labels"], said["followed"]
        )
        whole = {"indicators", "inference"} <= plan.declarations.keys()
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ConfigurationError(
            Problem(paths.shown(path), "no recorded plan", f"what `make plan EVALUATION={evaluation}` wrote")
        ) from None
    if not whole or digest(plan.declarations) != plan.hash:
        raise ConfigurationError(
            Problem(
                paths.shown(path),
                "declarations that do not give its hash",
                "the plan as it was recorded",
                "take it from the commit that it was recorded in",
            )
        )
    return plan


def record(design: Design, followed: bool) -> str:
    """The text of plan.json. ConfigurationError where another plan is recorded already: it is not overwritten."""
    path = paths.raw(design.evaluation) / NAME
    declared = declarations(design)
    plan = recorded(design.evaluation)
    if plan and plan.hash != digest(declared):
        found = deviations(plan, design)
        named = ", ".join(dict.fromkeys(" ".join(part for part in (d.indicator, d.key) if part) for d in found[:5]))
        raise ConfigurationError(
            Problem(
                paths.shown(path),
                f"a plan of {plan.date.isoformat()} that declares other things ({named or 'keys'})",
                "one plan, recorded once",
                "keep it, and the report lists every deviation; before any follow-up answer, delete it to plan anew",
            )
        )
    said = {
        "date": (plan.date if plan else design.report.date).isoformat(),
        "hash": digest(declared),
        "followed": plan.followed if plan else followed,
        "labels": {i.id: dict(i.label) for i in design.indicators},
        "declarations": declared,
    }
    return json.dumps(said, sort_keys=True, indent=1, ensure_ascii=False) + "\n"
