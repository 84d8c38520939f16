"""Where a report comes from: the RO-Crate, read by its own library; the annex and the manifest of the same facts."""

from __future__ import annotations

import hashlib
import json
import re
import socket
import subprocess
import warnings
from pathlib import Path

import pytest
import standin
from rocrate.rocrate import ROCrate

from fewdistricts import design, paths
from fewdistricts.exhibits.tables import provenance
from fewdistricts.exhibits.text.wording import Words
from fewdistricts.provenance import crate, manifest, origin

PERU = "peru-2005"


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """A built project of stand-ins, with authors, funder and licence."""
    project = standin.write(tmp_path_factory.mktemp("provenance") / "project")
    settings = project / "data/raw/small/evaluation.yaml"
    people = "authors: [Ana, Bo], funder: {en: Fund, es: Fondo}, license: CC-BY-4.0, publisher: House,"
    people += " contact: ask@example.org, citation: {en: Ana and Bo (2005), es: Ana y Bo (2005)}}"
    settings.write_text(settings.read_text().replace("authors: [Somebody]}", people))
    done = standin.report(project)
    assert done.returncode == 0, done.stderr
    return project


@pytest.fixture(scope="module")
def described(built) -> ROCrate:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # the library's word for what it finds wrong
        return ROCrate(built / "reports/small")


def named(described: ROCrate, name: str) -> dict:
    (found,) = [entity for entity in described.get_entities() if entity.get("name") == name]
    return found


def test_the_library_reads_back_what_was_written(built, described):
    written = json.loads((built / "reports/small" / crate.NAME).read_text())
    assert described.version == "1.1"
    assert sorted(entity["@id"] for entity in described.metadata.generate()["@graph"]) == sorted(
        entity["@id"] for entity in written["@graph"]
    )
    references = re.findall(r'\{\s*"@id": "([^"]+)"\s*\}', (built / "reports/small" / crate.NAME).read_text())
    outside = {"https://w3id.org/ro/crate/1.1"}
    assert {reference for reference in references if reference not in described} <= outside


def test_every_published_file_is_in_it_with_its_hash(built, described):
    folder = built / "reports/small"
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    listed = {entity.id for entity in described.data_entities if not entity.id.startswith("ni:")}
    assert listed == there - {crate.NAME, "manifest.json"}
    assert all(described.get(name)["sha256"] == digest(folder / name) for name in listed)
    assert crate.NAME in json.loads((folder / "manifest.json").read_text())["published"]


def test_every_run_of_a_notebook_says_with_which_parameters_it_made_what_of_what(built, described):
    run = named(described, "district_wave:a-2")
    assert run.type == "CreateAction"
    assert run["instrument"]["name"] == "notebooks/district_wave.ipynb"
    assert run["instrument"]["sha256"] == digest(built / "notebooks/district_wave.ipynb")
    values = {part["name"]: part["value"] for part in run["object"] if part.type == "PropertyValue"}
    assert values == {"evaluation": "small", "district": "a", "wave": "2"}
    made = {part["name"]: part["sha256"] for part in run["result"]}
    kept = "data/processed/small/district_wave/a-2"
    assert made[f"{kept}.ipynb"] == digest(built / f"{kept}.ipynb")
    read = {part.get("name") for part in run["object"]}
    assert {"survey", "data/raw/small/evaluation.yaml"} < read


def test_the_way_leads_from_a_page_back_to_the_survey_file(described):
    actions = [entity for entity in described.get_entities() if entity.type == "CreateAction"]
    made_by = {id(part): action for action in actions for part in listed(action["result"])}
    waiting, seen = [described.get("report-en.pdf")], set()
    while waiting:
        thing = waiting.pop()
        seen.add(thing["name"])
        action = made_by.get(id(thing))
        waiting += [] if action is None else [part for part in listed(action["object"]) if part["name"] not in seen]
    assert "data/raw/small/survey.csv" in seen


def listed(value):
    return value if isinstance(value, list) else [value]


def test_people_funder_licence_and_day_are_those_of_the_configuration(described):
    root = described.root_dataset
    assert root["name"] == "Small"
    assert root["datePublished"] == "2005-04-25"
    assert [author["name"] for author in root["author"]] == ["Ana", "Bo"]
    assert root["funder"]["name"] == "Fund"
    assert root["license"].id == "https://spdx.org/licenses/CC-BY-4.0"
    assert "synthetic" in root["description"]
    assert (root["publisher"]["name"], root["creditText"]) == ("House", "Ana and Bo (2005)")
    assert root["contactPoint"]["email"] == "ask@example.org"


def test_nothing_of_the_machine_is_in_it(built):
    text = (built / "reports/small" / crate.NAME).read_text()
    for word in (str(built), str(paths.PROJECT), str(Path.home()), socket.gethostname()):
        assert word not in text


def test_annex_manifest_and_crate_state_the_same_hashes():
    declared = design.load(PERU)
    sources = {source.name: source.sha256 for source in origin.sources(declared)}
    english = {source.sha256 for source in origin.sources(declared, ["en"])}
    annex = dict(provenance.files(declared, Words("en")).grid.rows)
    assert set(annex.values()) == english < set(sources.values())
    assert annex["data/raw/peru-2005/survey.csv"] == digest(paths.raw(PERU) / "survey.csv")
    made_from = manifest.made_from(declared)
    hashes = {made_from["code"], made_from["lock"], made_from["configuration"]}
    hashes |= {*made_from["data"].values(), *made_from["texts"].values()}
    assert hashes == set(sources.values())
    content = json.loads(crate.text(declared, []))["@graph"]
    stated = {entity.get("name"): entity.get("sha256") for entity in content}
    assert sources.items() <= stated.items()
    versions = {entity["name"]: entity["version"] for entity in content if "version" in entity}
    in_annex = [pair for row in provenance.versions(declared, Words("en")).grid.rows for pair in (row[:2], row[2:])]
    assert {name: version for name, version in in_annex if name}.items() <= versions.items()


def test_texts_of_the_declaration_stay_texts_in_the_crate():
    payload = '"}], "@graph": [{"@id": "x"}] =HYPERLINK(1) <script>x</script> \\u0022 \u202e'
    declared = design.load(PERU)
    report = declared.report.model_copy(update={"authors": (payload,)})
    odd = declared.model_copy(update={"title": {"en": payload, "es": payload}, "report": report})
    plain, content = (json.loads(crate.text(each, []))["@graph"] for each in (declared, odd))
    assert len(content) == len(plain) - len(declared.report.authors) + 1
    assert [each["@id"] for each in content if each["@type"] != "Person"] == [
        each["@id"] for each in plain if each["@type"] != "Person"
    ]
    assert payload in {entity.get("name") for entity in content if entity["@type"] == "Person"}


def test_the_hash_of_the_code_is_what_other_tools_compute(tmp_path):
    (tmp_path / "b").write_text("two\n")
    (tmp_path / "a").write_text("one\n")
    listing = subprocess.run(["sha256sum", "a", "b"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    expected = hashlib.sha256("\n".join(sorted(listing.splitlines())).encode()).hexdigest()
    assert origin.tree_sha256([tmp_path / "b", tmp_path / "a"], tmp_path) == expected


def test_versions_are_those_of_this_system():
    versions = origin.locked_versions()
    assert "pywinpty" not in versions and versions["numpy"].startswith("2.")


def test_what_editors_and_python_leave_is_no_code(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "PROJECT", tmp_path)
    monkeypatch.setattr(paths, "NOTEBOOKS", tmp_path / "notebooks")
    for name in ("a.py", "texts/en.md", ".a.py.swp", "__pycache__/a.pyc", ".ipynb_checkpoints/x.py", "b.pyc"):
        (tmp_path / "fewdistricts" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "fewdistricts" / name).write_text("x")
    found = [path.relative_to(tmp_path).as_posix() for path in origin.code_files()]
    assert found == ["fewdistricts/a.py", "fewdistricts/texts/en.md"]
