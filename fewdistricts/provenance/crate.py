"""ro-crate-metadata.json: how the published files were made, as a Process Run Crate that archives and programs read.

Files that are not published (survey data, executed notebooks) are named by content, `ni:///sha-256;...` (RFC 6920).
Sources: https://w3id.org/ro/crate/1.1 and https://w3id.org/ro/wfrun/process/0.5
"""

from __future__ import annotations

import base64
import json
import mimetypes
import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fewdistricts import design as declared
from fewdistricts import files, paths
from fewdistricts.design import Design
from fewdistricts.design.citation import how_to_cite, mail_address
from fewdistricts.provenance import origin

NAME = "ro-crate-metadata.json"
VERSION = "1.1"
PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
TYPES = {
    ".ipynb": "application/x-ipynb+json",
    ".parquet": "application/vnd.apache.parquet",
    ".yaml": "application/yaml",
    ".lock": "text/plain",
    ".dta": "application/x-stata-dta",
    ".sav": "application/x-spss-sav",
}
WHAT = {
    origin.CONFIGURATION: "Declaration of the evaluation",
    origin.PLAN: "Plan recorded before the follow-up data",
    origin.DATA: "Survey data",
    origin.CHAPTER: "Chapter, picture or logo of the evaluators' own",
    origin.LOCK: "Versions and hashes of every package used",
}
PROGRAM, PYTHON, SURVEY = "#program", "#python", "#survey"


@dataclass(frozen=True)
class Run:
    """A step of a build: the notebook that it ran, if it ran one, with which parameters, what it read and wrote."""

    name: str
    notebook: Path | None
    parameters: Mapping[str, str]
    reads: Sequence[Path]
    writes: Sequence[Path]


def write(evaluation: str, runs: Sequence[Run]) -> None:
    """Write the metadata beside the files to be published."""
    files.write(paths.staged(evaluation) / NAME, text(declared.load(evaluation), runs))


def text(design: Design, runs: Sequence[Run]) -> str:
    """The metadata as JSON-LD, the same for the same files."""
    from rocrate.rocrate import ROCrate

    crate = ROCrate(version=VERSION)
    _Description(crate, design).describe(runs)
    graph = crate.metadata.generate()
    # what the whole is comes first, for people
    graph["@graph"].sort(key=lambda entity: (entity["@id"] not in (NAME, "./"), entity["@id"]))
    return json.dumps(graph, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


class _Description:
    """A crate while it is filled."""

    def __init__(self, crate: Any, design: Design) -> None:
        self.crate, self.design, self.root = crate, design, crate.root_dataset
        self.language = design.report.languages[0]
        self.entities: dict[Path, str] = {}

    def describe(self, runs: Sequence[Run]) -> None:
        """Fill in everything."""
        self._whole()
        self._sources({run.notebook for run in runs if run.notebook})
        results = {run.name: list(self._results(run)) for run in runs}
        for run in runs:
            self._run(run, results[run.name])

    def _whole(self) -> None:
        """What the report is, by whom, of when."""
        design, root = self.design, self.root
        profile = {"@type": "CreativeWork", "name": "Process Run Crate", "version": PROFILE.rpartition("/")[2]}
        synthetic = " The survey data are synthetic." if design.synthetic else ""
        root["name"] = design.title[self.language]
        root["description"] = design.intervention.description[self.language] + synthetic
        root["inLanguage"] = _one_or_more(list(design.report.languages))
        root["conformsTo"] = self._add(PROFILE, profile)
        root.datePublished = design.report.date.isoformat()
        if design.report.license is not None:
            root["license"] = self._license(design.report.license)
        if design.report.authors:
            authors = [(f"#author-{place}", name) for place, name in enumerate(design.report.authors, 1)]
            root["author"] = _one_or_more([self._add(i, {"@type": "Person", "name": name}) for i, name in authors])
        if design.report.funder is not None:
            root["funder"] = self._add(
                "#funder", {"@type": "Organization", "name": design.report.funder[self.language]}
            )
        if design.report.publisher is not None:
            name = design.report.publisher[self.language]
            root["publisher"] = self._add("#publisher", {"@type": "Organization", "name": name})
        if design.report.contact is not None:
            contact = {"@type": "ContactPoint", "name": design.report.contact}
            if address := mail_address(design.report.contact):
                contact["email"] = address
            root["contactPoint"] = self._add("#contact", contact)
        root["creditText"] = how_to_cite(design, self.language)

    def _license(self, name: str) -> Any:
        spdx = f"https://spdx.org/licenses/{name}"
        identifier = name if name.startswith("https://") else (spdx if " " not in name else "#license")
        return self._add(identifier, {"@type": "CreativeWork", "name": name})

    def _sources(self, notebooks: Iterable[Path]) -> None:
        """What the report was made from: data, declaration, program with its packages, notebooks."""
        for source in origin.sources(self.design):
            if source.kind == origin.CODE:
                self._program(source)
            elif source.kind == origin.TEXTS:
                self._add(source.name, {"@type": "Collection", "name": source.name, "sha256": source.sha256})
            else:
                self._file(source.path, source.name, {"description": WHAT[source.kind]})
        for path in sorted(notebooks):
            kind = ["File", "SoftwareSourceCode"]
            self._file(path, paths.shown(path), {"@type": kind, "programmingLanguage": {"@id": PYTHON}})

    def _program(self, source: origin.Source) -> None:
        packages = [
            self._add(f"#package-{name}", {"@type": "SoftwareApplication", "name": name, "version": version})
            for name, version in sorted(origin.locked_versions().items())
        ]
        version = platform.python_version()
        self._add(PYTHON, {"@type": ["ComputerLanguage", "SoftwareApplication"], "name": "Python", "version": version})
        self._add(
            PROGRAM,
            {
                "@type": "SoftwareSourceCode",
                "name": source.name,
                "description": 'Package and notebooks; the SHA-256 is of the sorted lines "hash  path" of their files',
                "programmingLanguage": {"@id": PYTHON},
                "sha256": source.sha256,
                "softwareRequirements": packages,
            },
        )

    def _run(self, run: Run, results: list[Any]) -> None:
        """A step as a CreateAction, from files and parameters to files."""
        read = {self.entities[path] for path in run.reads}
        given = [
            self._add(f"#run/{run.name}/{name}", {"@type": "PropertyValue", "name": name, "value": value})
            for name, value in run.parameters.items()
        ]
        notebook = self.entities[run.notebook] if run.notebook else PROGRAM
        action = {
            "@type": "CreateAction",
            "name": run.name,
            "instrument": {"@id": notebook},
            "object": _one_or_more([*({"@id": identifier} for identifier in sorted(read - {notebook})), *given]),
            "result": _one_or_more(results),
        }
        self.root.append_to("mentions", self._add(f"#run/{run.name}", action))

    def _results(self, run: Run) -> Iterator[Any]:
        """The files that a step wrote; those of the survey, one a district, as one collection."""
        if run.name == "survey":
            self.entities |= dict.fromkeys(run.writes, SURVEY)
            digest = origin.tree_sha256(run.writes, paths.processed(self.design.evaluation))
            description = 'Checked survey; the SHA-256 is of the sorted lines "hash  path" of its files'
            yield self._add(
                SURVEY, {"@type": "Collection", "name": "survey", "description": description, "sha256": digest}
            )
            return
        staged, published = paths.staged(self.design.evaluation), paths.reports(self.design.evaluation)
        for path in run.writes:
            place = published / path.relative_to(staged) if path.is_relative_to(staged) else path
            yield self._file(path, paths.shown(place), {})

    def _file(self, path: Path, name: str, properties: dict[str, Any]) -> Any:
        """A file as an entity: by its place if it is published, by its content otherwise."""
        published = paths.staged(self.design.evaluation)
        digest = origin.sha256(path)
        inside = path.is_relative_to(published)
        identifier = path.relative_to(published).as_posix() if inside else f"ni:///sha-256;{_base64url(digest)}"
        self.entities[path] = identifier
        if identifier in self.crate:
            return {"@id": identifier}  # the same content under two names
        kind = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        described = {"name": name, "contentSize": str(path.stat().st_size), "encodingFormat": kind, "sha256": digest}
        place = {"dest_path" if inside else "source": identifier}
        return self.crate.add_file(**place, properties=described | properties)

    def _add(self, identifier: str, properties: dict[str, Any]) -> Any:
        from rocrate.model.contextentity import ContextEntity

        return self.crate.add(ContextEntity(self.crate, identifier, properties=properties))


def _one_or_more(values: list[Any]) -> Any:
    """A single value stands alone, as the standard recommends."""
    return values[0] if len(values) == 1 else values


def _base64url(digest: str) -> str:
    return base64.urlsafe_b64encode(bytes.fromhex(digest)).decode().rstrip("=")
