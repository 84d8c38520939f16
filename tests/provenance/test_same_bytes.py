"""The same files and versions give the same bytes, wherever, whenever and however they are built.

One build as a reference and two others, each of which differs from it in several ways. When one comes out different,
`WAYS="time zone" pytest tests/test_same_bytes.py` builds with that way alone, which tells whether it is to blame.
"""

from __future__ import annotations

import io
import os
import re
import socket
import subprocess
import sys
import zipfile
import zlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
import towns
from numpy._core import _multiarray_umath as numpy_core

from fewdistricts.paths import PROJECT
from fewdistricts.provenance.differences import first

pytestmark = pytest.mark.slow
YAML = (
    towns.YAML.replace("KIND", "synthetic").replace("[en, es]", "[en]").replace("districts: none", "districts: pilot")
)
FEATURES = [name for name in numpy_core.__cpu_dispatch__ if numpy_core.__cpu_features__.get(name)]
PROCESSORS = [
    # as OpenBLAS, numpy, Arrow and the mathematics of the C library would meet them
    ("Prescott", FEATURES, "NONE", "-AVX512F,-AVX2,-FMA"),
    ("Haswell", [name for name in FEATURES if name != "X86_V3"], "AVX2", "-AVX512F"),
]
WAYS = {  # the builds in which each is on; a place is a folder, a home and an umask
    "place": {1},
    "hash seed": {1},
    "one worker": {1},
    "time zone": {2},
    "language": {1, 2},
    "ordinary kernels": {2},
    "processor": {1, 2},
}
if "WAYS" in os.environ:
    WAYS = {way: builds for way, builds in WAYS.items() if way in os.environ["WAYS"].split(",")}


@dataclass
class Built:
    """What a build wrote, by name."""

    home: Path
    files: dict[str, bytes]

    @property
    def published(self) -> dict[str, bytes]:
        return {name: content for name, content in self.files.items() if name.startswith("reports/")}


def build(folder: Path, number: int) -> Built:
    on = {way for way, builds in WAYS.items() if number in builds}
    home = folder / ("another place/ñandú" if "place" in on else "home") / str(number)
    raw = home / "data/raw/towns"
    raw.mkdir(parents=True)
    (raw / "evaluation.yaml").write_text(YAML, encoding="utf-8")
    towns.survey().to_csv(raw / "survey.csv", index=False)
    variables = {"TZ": "UTC", "LANG": "C.UTF-8", "PYTHONHASHSEED": "1"} | settings(on, number, home)
    command = [sys.executable, "-m", "fewdistricts", "report", "towns", "--jobs", "1" if "one worker" in on else "2"]
    done = subprocess.run(
        command,
        cwd=PROJECT,
        env=os.environ | {"EVALUATION_HOME": str(home)} | variables,
        umask=0o077 if "place" in on else 0o022,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    found = [*home.glob("reports/**/*"), *home.glob("data/processed/towns/**/*")]
    shown = (path for path in found if path.is_file() and not path.name.startswith("."))
    return Built(home, {path.relative_to(home).as_posix(): path.read_bytes() for path in shown})


def settings(on: set[str], number: int, home: Path) -> dict[str, str]:
    """Environment variables of a build."""
    variables = {}
    if "place" in on:
        variables["HOME"] = str(home)
    if "time zone" in on:
        variables["TZ"] = "Pacific/Kiritimati"  # 14 hours ahead: mostly another day
    if "language" in on:
        # a Peruvian office; and a language of other letter cases on a system that knows ASCII only
        bare = {"LANG": "tr_TR.UTF-8", "LC_ALL": "C", "LANGUAGE": "tr", "PYTHONUTF8": "0"}
        variables |= {"LANG": "es_PE.UTF-8", "LANGUAGE": "es"} if number == 1 else bare
    if "hash seed" in on:
        variables["PYTHONHASHSEED"] = str(number + 1)
    if "ordinary kernels" in on:
        variables["EVALUATION_KERNELS"] = "ordinary"
    if "processor" in on:
        core, disabled, arrow, libc = PROCESSORS[number - 1]
        variables |= {"OPENBLAS_CORETYPE": core, "NPY_DISABLE_CPU_FEATURES": " ".join(disabled)}
        variables |= {"ARROW_USER_SIMD_LEVEL": arrow, "GLIBC_TUNABLES": f"glibc.cpu.hwcaps={libc}"}
    return variables


@pytest.fixture(scope="module")
def reference(tmp_path_factory) -> Built:
    return build(tmp_path_factory.mktemp("reference"), 0)


@pytest.mark.parametrize("number", [1, 2])
def test_every_file_is_the_same_however_it_is_built(number, reference, tmp_path):
    endings = {Path(name).suffix for name in reference.files}
    assert endings >= {".pdf", ".html", ".csv", ".xlsx", ".parquet", ".ipynb", ".json"}
    other = build(tmp_path, number)
    assert other.files.keys() == reference.files.keys()
    differing = [name for name, content in other.files.items() if content != reference.files[name]]
    said = [f"{name}: {first(name, reference.files[name], other.files[name])}" for name in differing]
    to_blame = ", ".join(way for way, builds in WAYS.items() if number in builds)
    assert not said, "\n".join([f"to blame is one of: {to_blame}", *said])


def readable(name: str, content: bytes) -> bytes:
    """A file with what is compressed in it made readable."""
    if name.endswith(".pdf"):
        pieces = [content]
        for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL):
            try:
                pieces.append(zlib.decompress(stream))
            except zlib.error:
                continue
        return b"\n".join(pieces)
    if name.endswith(".xlsx"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return b"\n".join(archive.read(member) for member in archive.namelist())
    return content


def test_no_published_file_holds_a_clock_a_path_or_a_host(reference):
    today = date.today()
    words = [today.isoformat(), f"{today:%Y%m%d}", f"{today:%d %b %Y}", str(reference.home), str(PROJECT)]
    words += [name for name in (socket.gethostname(),) if len(name) > 5]
    found = [
        (name, word)
        for name, content in reference.published.items()
        for word in words
        if word.encode() in readable(name, content)
    ]
    assert found == []
