"""Whatever happens to a build, the rest goes on, nothing is half written, and the next build does what is left."""

from __future__ import annotations

import os
import random
import re
import resource
import shutil
import signal
import time
from pathlib import Path

import pytest
import standin

from fewdistricts import paths
from fewdistricts.errors import ConfigurationError
from fewdistricts.run.build import build

PROC = Path("/proc")
linux = pytest.mark.skipif(not PROC.is_dir(), reason="processes are counted in /proc")


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """A project whose report has been built once, without kernels."""
    folder = standin.write(tmp_path_factory.mktemp("built") / "project")
    done = standin.report(folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def project(built, tmp_path) -> Path:
    """A copy of it, built where it lies."""
    folder = tmp_path / "project"
    shutil.copytree(built, folder, ignore=shutil.ignore_patterns("reports", "processed"))
    return folder


def written(project: Path) -> dict[str, bytes]:
    """Everything that is published or kept on the way, but for what serves the building itself."""
    found = [*project.glob("reports/**/*"), *project.glob("data/processed/small/**/*")]
    return {
        path.relative_to(project).as_posix(): path.read_bytes()
        for path in found
        if path.is_file() and not path.name.startswith(".")
    }


def of_reports(files: dict[str, bytes]) -> dict[str, bytes]:
    return {name: content for name, content in files.items() if name.startswith("reports/")}


def alive(project: Path) -> list[int]:
    """Processes that were started, however indirectly, by a build of the project."""
    found = []
    for process in PROC.glob("[0-9]*"):
        try:
            if f"PYTHONPATH={project}".encode() in (process / "environ").read_bytes().split(b"\0"):
                found.append(int(process.name))
        except OSError:  # it has ended, or is another user's
            continue
    return found


def all_gone(project: Path, within: float = 30) -> bool:
    until = time.monotonic() + within
    while alive(project) and time.monotonic() < until:
        time.sleep(0.05)
    return not alive(project)


def shake(project: Path, kills: int, shortest: float, longest: float) -> None:
    """Kill as many builds at random moments: the driver alone, or all its processes; each time there is work to do.

    Whenever it is, the published set is a whole one.
    """
    chance = random.Random(2005)
    assert standin.report(project).returncode == 0
    for kill in range(kills):
        standin.answers(project, a="".join(chance.choices("01", k=6)), b="10", c="00")
        build = standin.start(project)
        time.sleep(chance.uniform(shortest, longest))
        if kill % 2:
            build.kill()
        else:
            os.killpg(build.pid, signal.SIGKILL)
        build.communicate(timeout=60)
        standin.assert_manifest_holds(project)
    standin.answers(project, a="1101", b="10", c="0011")


@linux
@pytest.mark.slow
@pytest.mark.parametrize(
    ("kernels", "kills", "longest"), [(False, 50, 1.5), (True, 6, 6.0)], ids=["fifty", "with kernels"]
)
def test_builds_killed_at_any_moment_end_in_the_bytes_of_an_undisturbed_one(kernels, kills, longest, tmp_path):
    project, undisturbed = (standin.write(tmp_path / name, kernels) for name in ("project", "undisturbed"))
    shake(project, kills, 0.3, longest)
    assert all_gone(project), "a worker, a warm process or a kernel has outlived its driver"
    left = project / "data/processed/small/set/.report-en.pdf.x1.part"
    left.parent.mkdir(parents=True, exist_ok=True)
    left.write_text("half a page")
    finished = standin.report(project)
    assert finished.returncode == 0, finished.stderr
    standin.answers(undisturbed, a="1101", b="10", c="0011")
    assert standin.report(undisturbed).returncode == 0
    assert written(project) == written(undisturbed)
    assert not list(project.rglob("*.part"))
    assert standin.ran(standin.report(project)) == set()


def test_two_builds_at_once_take_turns(project):
    builds = [standin.start(project) for _ in range(2)]
    said = [build.communicate(timeout=120)[1] for build in builds]
    assert [build.returncode for build in builds] == [0, 0]
    assert sum("Another build of small is running; waiting for it to end." in words for words in said) == 1
    counts = [re.search(r"(\d+) tasks ran, (\d+) were up to date", words).groups() for words in said]
    second, first = sorted(counts, key=lambda count: count[0] != "0")
    assert first[0] != "0"
    assert first[1] == "0"
    assert second == ("0", first[0])


FULL = """
        MARK = paths.PROJECT / "full"
        put = os.replace
        def replace(part, path):
            if MARK.exists() and any(name in str(path) for name in MARK.read_text().split()):
                raise OSError(errno.ENOSPC, "No space left on device")
            put(part, path)
        os.replace = replace
        """


@pytest.mark.slow
def test_a_disk_that_fills_up_stops_what_needs_it_and_the_rest_goes_on(project):
    module = project / "fewdistricts/files.py"
    module.write_text(module.read_text() + standin.lines(FULL))
    assert standin.report(project).returncode == 0
    before = written(project)
    standin.answers(project, a="11", b="10", c="00")
    (project / "full").write_text("report-es.pdf .durations.json")
    done = standin.report(project)
    assert done.returncode == 7
    full = "data/processed/small/set/report-es.pdf: the disk is full; make room and run the same command again"
    assert full in done.stderr
    assert "Traceback" not in done.stderr and ".durations.json" not in done.stderr
    after = written(project)
    assert of_reports(after) == of_reports(before), "the former set stays as it was"
    finished = "data/processed/small/set/report-en.pdf"
    assert after[finished] != before[finished]
    assert not list(project.rglob("*.part"))
    (project / "full").unlink()
    again = standin.report(project)
    assert again.returncode == 0
    assert standin.ran(again) == {"publish:report-es.pdf", "crate", "manifest", "exchange"}


@linux
def test_a_memory_of_the_build_that_cannot_grow_is_one_sentence(project):
    build = standin.start(project)
    resource.prlimit(build.pid, resource.RLIMIT_FSIZE, (20_000, 20_000))
    _, said = build.communicate(timeout=60)
    assert build.returncode == 7
    assert "data/processed/small/.built.sqlite cannot be written: " in said
    assert "Traceback" not in said
    assert standin.report(project).returncode == 0


@linux
@pytest.mark.parametrize("times", [1, 2])
def test_a_worker_that_is_lost_is_replaced_once(times, project):
    """The first time its task is done again by another; the second time it has failed, and the rest goes on."""
    mark = project / "deaths"
    mark.write_text("")
    module = project / "nbaccessible/exporters.py"
    module.write_text(
        module.read_text()
        + standin.lines(
            f"""
        import os, signal
        class AccessibleHTMLExporter(AccessiblePDFExporter):
            def from_filename(self, path, resources=None):
                mark = Path({str(mark)!r})
                if "report-es" in str(path) and len(mark.read_text()) < {times}:
                    mark.write_text(mark.read_text() + "x")
                    os.kill(os.getpid(), signal.SIGKILL)
                return super().from_filename(path)
        """
        )
    )
    done = standin.report(project)
    assert "Traceback" not in done.stderr
    if times == 1:
        assert done.returncode == 0, done.stderr
        return
    assert done.returncode == 7
    assert "1 failed, 3 waited" in done.stderr, "what ran beside it has not failed"
    assert "a worker process was killed twice, perhaps for want of memory: try JOBS=1" in done.stderr
    assert (project / "data/processed/small/set/report-en.html").exists()
    assert not (project / "reports/small").exists()
    again = standin.report(project)
    assert again.returncode == 0
    assert standin.ran(again) == {"publish:report-es.html", "crate", "manifest", "exchange"}


CELLS = {
    "a-1": ("1 / 0", "ZeroDivisionError: division by zero"),
    "b-1": ("import os; os._exit(9)", "its kernel died, perhaps for want of memory: try JOBS=1"),
    "c-1": (
        "import time; time.sleep(60)",
        "it took longer than 3 seconds (EVALUATION_CELL_SECONDS sets another limit)",
    ),
}


@pytest.mark.slow
def test_failed_notebooks_are_kept_and_named_and_only_they_run_again(tmp_path):
    """A cell error, a dead kernel and a cell that takes too long, in three of six notebooks."""
    project = standin.write(tmp_path / "project", kernels=True)
    path, broken = project / "notebooks/district_wave.ipynb", project / "broken"
    faults = "".join(
        f"    if district == '{name[0]}' and wave == '{name[2]}':\\n        {cell}\\n"
        for name, (cell, _) in CELLS.items()
    )
    faults = f"import os\\nif os.path.exists('{broken}'):\\n{faults}"
    path.write_text(
        path.read_text().replace("from fewdistricts.exhibits.small", faults + "from fewdistricts.exhibits.small", 1)
    )
    broken.touch()
    done = standin.report(project, "--languages", "en", EVALUATION_CELL_SECONDS="3")
    assert done.returncode == 4
    assert "Traceback" not in done.stderr
    kept = "data/processed/small/failed"
    for name, (_, words) in CELLS.items():
        assert f"district_wave {name}: cell 3: {words} (kept as {kept}/{name}.ipynb)" in done.stderr
        assert (project / kept / f"{name}.ipynb").exists()
        assert not (project / f"data/processed/small/district_wave/{name}.ipynb").exists()
    went_on = {"survey", "district_wave:c-2"}  # the rest reads cells that a failed notebook would have written
    assert went_on <= standin.ran(done)
    assert not any(step.startswith(("pooled", "report", "publish")) for step in standin.ran(done))
    broken.unlink()
    mended = standin.report(project, "--languages", "en")
    assert mended.returncode == 0, mended.stderr
    assert not went_on & standin.ran(mended)
    assert {f"district_wave:{name}" for name in CELLS} | {"pooled", "report:en"} <= standin.ran(mended)
    assert not list((project / kept).glob("*"))


@pytest.mark.slow
def test_an_interrupted_build_says_so_and_goes_on_later(tmp_path):
    project = standin.write(tmp_path / "project", kernels=True)
    # one notebook is still running when the others are done
    path, slow, begun = project / "notebooks" / "district_wave.ipynb", project / "slow", project / "begun"
    wait = f"import os, time\\nif district == 'c' and os.path.exists('{slow}'):\\n"
    wait += f"    os.mkdir('{begun}')\\n    time.sleep(60)\\n"
    path.write_text(
        path.read_text().replace("from fewdistricts.exhibits.small", wait + "from fewdistricts.exhibits.small", 1)
    )
    slow.touch()
    build = standin.start(project)
    while "district_wave" not in (line := build.stderr.readline()):
        assert line
    while not begun.exists():  # all workers have started
        assert build.poll() is None
        time.sleep(0.05)
    os.killpg(build.pid, signal.SIGINT)
    _, said = build.communicate(timeout=60)
    assert build.returncode == 130
    assert said.splitlines()[-1] == "Stopped. The same command goes on from here."
    assert "Traceback" not in said
    assert all_gone(project)
    slow.unlink()
    done = standin.report(project)
    assert done.returncode == 0, done.stderr
    assert "survey" not in standin.ran(done)


def test_a_language_of_which_nothing_is_declared_is_refused_before_anything_is_built(home, declare, declaration):
    declare(declaration)
    with pytest.raises(ConfigurationError) as caught:
        build("small", ["en", "es", "pt"])
    assert "--languages: found 'es', 'pt', in which this evaluation is not declared; allowed: en;" in str(caught.value)
    assert not paths.processed("small").exists() and not paths.reports("small").exists()
