"""What runs again after a change, and what does not: the real graph over a small project of stand-ins."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
import standin

from fewdistricts.provenance.origin import sha256

LANGUAGES = ("en", "es")
REPORT = {f"{name}-{language}" for name in ("district_brief:a", "district_brief:b") for language in LANGUAGES}
REPORT |= {f"{name}:{language}" for name in ("report", "annex", "slides", "whole") for language in LANGUAGES}
PAGES = ("report-{}.pdf", "report-{}.html", "annex-{}.pdf", "slides-{}.pdf", "districts/a-{}.pdf", "districts/b-{}.pdf")
PUBLISH = {f"publish:{page.format(language)}" for page in PAGES for language in LANGUAGES}
CARRIED = {"publish:report-en.pdf", "publish:report-es.pdf"}  # evaluation.yaml travels in them
WAVES = {f"district_wave:{district}-{wave}" for district in "abc" for wave in "12"}
SET = {"crate", "manifest", "exchange"}
ALL_DISTRICTS = {"survey", "pooled", "export"} | SET
WHOLE = {"whole:en", "whole:es"}  # report and annex in one, made anew where either says something else
STATED = {"annex:en", "annex:es"}  # their pages state the hash of all code
EVERYTHING = ALL_DISTRICTS | REPORT | PUBLISH | WAVES


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """A project whose report has been built once."""
    folder = standin.write(tmp_path_factory.mktemp("built") / "project")
    done = standin.report(folder)
    assert done.returncode == 0, done.stderr
    assert standin.ran(done) == EVERYTHING
    return folder


@pytest.fixture
def project(built):
    """The built project; what a test changes in it is put back after."""
    kept = built.parent / "kept"
    shutil.copytree(built, kept, copy_function=shutil.copy2)
    yield built
    shutil.rmtree(built)
    kept.rename(built)


def ran_after_change(project: Path) -> set[str]:
    done = standin.report(project)
    assert done.returncode == 0, done.stderr
    return standin.ran(done)


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_a_second_run_runs_nothing(project):
    done = standin.report(project)
    assert standin.ran(done) == set()
    assert "Report in reports/small/: 0 tasks ran, 36 were up to date" in done.stderr


def test_a_touched_file_with_the_same_content_runs_nothing(project):
    for file in [*project.glob("notebooks/*"), *project.glob("data/raw/small/*"), project / "requirements.lock"]:
        file.touch()
    assert ran_after_change(project) == set()


def test_content_counts_even_when_the_clock_and_the_size_say_nothing_changed(project):
    survey = project / "data" / "raw" / "small" / "survey.csv"
    times = survey.stat()
    standin.answers(project, a="11", b="10", c="00")
    os.utime(survey, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert "survey" in ran_after_change(project)


def test_one_changed_pilot_district_runs_its_waves_the_pool_and_the_report(project):
    standin.answers(project, a="11", b="10", c="00")
    declared, digest = project / "data/raw/small/evaluation.yaml", sha256(project / "data/raw/small/survey.csv")
    edit(declared, "{path: survey.csv}", f"{{path: survey.csv, sha256: {digest}}}")
    changed = {"survey", "district_wave:a-1", "district_wave:a-2", "pooled", "export"}
    assert ran_after_change(project) == changed | SET | REPORT | PUBLISH
    assert ran_after_change(project) == set()


def test_a_changed_comparison_district_runs_the_follow_ups_that_it_is_compared_in(project):
    standin.answers(project, a="01", b="10", c="01")
    waves = {f"district_wave:{name}" for name in ("a-2", "b-2", "c-1", "c-2")}
    assert ran_after_change(project) == ALL_DISTRICTS | waves | REPORT | PUBLISH


def test_districts_without_notebooks_get_their_cells_from_a_step(project):
    edit(project / "data/raw/small/evaluation.yaml", "report:", "notebooks: {districts: pilot}\nreport:")
    done = standin.report(project)
    assert done.returncode == 0, done.stderr
    assert "cells:c" in standin.ran(done)
    standin.answers(project, a="01", b="10", c="01")
    again = ran_after_change(project)
    assert {"cells:c", "district_wave:a-2", "district_wave:b-2", "pooled"} <= again
    assert not again & (WAVES - {"district_wave:a-2", "district_wave:b-2"})


def test_a_changed_notebook_runs_itself_and_what_its_outputs_change(project):
    edit(project / "notebooks" / "pooled.ipynb", ".join(", " .join(")
    # the annex states the hash of the notebooks; here its stand-in does not, so that its pages stay
    assert ran_after_change(project) == {"pooled"} | STATED | SET


def test_a_changed_choice_of_inference_runs_all_that_has_numbers(project):
    edit(project / "data/raw/small/evaluation.yaml", "report:", "inference: {confidence: 0.9}\nreport:")
    # the stand-ins' numbers stay the same, so that what only reads their outputs does not run
    assert ran_after_change(project) == ALL_DISTRICTS | WAVES | (REPORT - WHOLE) | CARRIED


def test_a_changed_question_text_runs_the_report_only(project):
    edit(project / "data/raw/small/evaluation.yaml", "es: Seguro", "es: Se siente seguro")
    assert ran_after_change(project) == {"export"} | SET | (REPORT - WHOLE) | CARRIED


def test_a_changed_title_runs_all_that_shows_it(project):
    edit(project / "data/raw/small/evaluation.yaml", "en: Small", "en: Smaller")
    assert ran_after_change(project) == {"pooled", "export"} | SET | WAVES | (REPORT - WHOLE) | CARRIED


def test_a_changed_text_runs_its_language_only(project):
    (project / "fewdistricts/exhibits/text/texts/es/words.md").write_text("Segura")
    spanish = {name for name in REPORT | PUBLISH if "es" in re.split(r"[-:.]", name)}
    assert len(spanish) == len(REPORT | PUBLISH) / 2
    assert ran_after_change(project) == SET | spanish


def test_a_changed_page_template_publishes_again(project):
    (project / "nbaccessible/page.typ").write_text("another page")
    assert ran_after_change(project) == PUBLISH | STATED | WHOLE | SET


def test_a_changed_module_runs_the_steps_of_its_room_and_of_those_above(project):
    module = project / "fewdistricts/exhibits/spreadsheets.py"
    module.write_text(module.read_text() + "\n# more\n")
    # the survey cannot import it
    assert ran_after_change(project) == {"export", "pooled"} | WAVES | REPORT | SET


def test_a_changed_lock_runs_everything_that_can_differ(project):
    (project / "requirements.lock").write_text("one==2\n")
    # all run; the same bytes come out, but each task depends on the lock itself
    assert ran_after_change(project) == EVERYTHING


def test_a_missing_published_file_is_made_again(project):
    (project / "reports/small/report-es.html").unlink()
    assert ran_after_change(project) == {"exchange"}
    assert (project / "reports/small/report-es.html").exists()


def test_one_language_alone_is_a_set_of_its_own(project):
    standin.answers(project, a="11", b="10", c="00")
    done = standin.report(project, "--languages", "en")
    assert "report:en" in standin.ran(done)
    assert "report:es" not in standin.ran(done)
    assert not list(project.glob("reports/small/**/*-es.*"))
    standin.assert_manifest_holds(project)


def test_pages_of_a_language_that_was_dropped_go_and_what_others_put_there_stays(project):
    folder = project / "reports/small"
    (folder / "report-es.html").write_text("edited by hand")
    (folder / "notes-es.pdf").write_text("put there by hand")
    edit(project / "data/raw/small/evaluation.yaml", "languages: [en, es]", "languages: [en]")
    assert ran_after_change(project) >= SET
    assert {path.name for path in folder.rglob("*-es.*")} == {"report-es.html", "notes-es.pdf"}
    assert (folder / "report-en.pdf").exists()


def test_a_failing_notebook_is_named_and_the_rest_goes_on(project):
    notebook = project / "notebooks/district_wave.ipynb"
    edit(notebook, "answers(evaluation, district)\\n", "answers(evaluation, district)\\n1 / (district != 'b')\\n")
    done = standin.report(project)
    assert done.returncode == 4
    assert "district_wave b-1: division by zero" in done.stderr
    # the pool waits for the cells of b, and all that shows estimates for the pool
    assert standin.ran(done) == WAVES - {"district_wave:b-1", "district_wave:b-2"}
    assert "Report unfinished: 4 tasks ran, 1 were up to date, 2 failed, 29 waited" in done.stderr
    assert "reports/small/ is as it was; what is finished lies in data/processed/small/set/" in done.stderr
    again = standin.report(project)
    assert again.returncode == 4
    assert standin.ran(again) == set()


def test_what_needs_a_failed_task_waits(project):
    standin.answers(project, a="11", b="10", c="00")
    edit(project / "notebooks/pooled.ipynb", "small.save", "1 / 0\\nsmall.save")
    done = standin.report(project)
    assert done.returncode == 4
    assert standin.ran(done) == {"survey", "district_wave:a-1", "district_wave:a-2"}
    assert "1 failed, 28 waited for one that failed" in done.stderr


def test_a_notebook_that_writes_less_than_it_should_has_failed(project):
    edit(project / "notebooks/pooled.ipynb", '\\"estimates.parquet\\"', '\\"other.parquet\\"')
    (project / "data/processed/small/estimates.parquet").unlink()
    done = standin.report(project)
    assert done.returncode == 4
    assert "pooled: ended without writing data/processed/small/estimates.parquet" in done.stderr


def test_a_missing_survey_file_is_the_survey_s_to_explain(project):
    (project / "data/raw/small/survey.csv").unlink()
    done = standin.report(project)
    assert done.returncode == 1
    assert "survey: FileNotFoundError" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_input_is_a_failure_that_names_it(project):
    notebook = project / "notebooks/report.ipynb"
    notebook.unlink()
    done = standin.report(project)
    assert done.returncode == 4
    assert "notebooks/report.ipynb: there is no such notebook" in done.stderr


IN_THE_DATA = """\
districts: {column: district, arm: arm, name: name}
"""


def test_districts_found_in_the_data_make_the_same_graph(tmp_path):
    project = standin.write(tmp_path / "project")
    settings = project / "data/raw/small/evaluation.yaml"
    text = settings.read_text()
    start, end = text.index("districts:"), text.index("indicators:")
    settings.write_text(text[:start] + IN_THE_DATA + text[end:])
    standin.find_districts(project)
    assert ran_after_change(project) == EVERYTHING
    assert ran_after_change(project) == set()
    standin.answers(project, a="11", b="10", c="00")
    waves = {"district_wave:a-1", "district_wave:a-2"}
    assert ran_after_change(project) == {"survey", "pooled", "export"} | SET | waves | REPORT | PUBLISH


def test_the_manifest_lists_each_published_file_and_nothing_of_the_machine(built):
    standin.assert_manifest_holds(built)
    assert str(built) not in (built / "reports/small/manifest.json").read_text()


def test_a_command_s_error_is_its_sentence_alone(built):
    (built / "data/raw/small/evaluation.yaml").rename(built / "away")
    try:
        done = standin.report(built)
    finally:
        (built / "away").rename(built / "data/raw/small/evaluation.yaml")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "evaluation.yaml" in done.stderr


def test_quiet_says_nothing(built):
    assert standin.report(built, "--quiet").stderr == ""
