"""Makes or renews the environment that the Makefile's targets run in: `.venv`, or the active conda environment.

Runs under any Python, also one too old for the project, so that it can say so: standard library only,
no syntax newer than 2.7. Nothing happens, in a few milliseconds, while the stamp in the environment tells that
it was made from the same locks.
"""

from __future__ import print_function

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

PROJECT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
NEEDED = (3, 11)
LOCKS = {
    "runtime": "requirements.lock",
    "test": "requirements-test.lock",
    "benchmark": "requirements-benchmark.lock",
    "cluster": "requirements-cluster.lock",
}
# looked for when the calling Python will not do
OTHERS = ["python3.11", "python3.12", "python3.13"]
PROBE = "import sys, ensurepip, venv; print('%d.%d' % sys.version_info[:2])"

NO_PYTHON = (
    "This project needs Python 3.11 or newer, but {found} is Python {version}: install one (python.org, pyenv, apt, brew or "
    "conda) and run `make PYTHON=/path/to/python3.11 {target}`."
)
NO_VENV = (
    "{found} cannot make an environment because its module {module} is missing: install it (Debian, Ubuntu: `sudo apt install "
    "python{version}-venv`) or run `make PYTHON=/path/to/python3.11 {target}` with another Python."
)
NO_NETWORK = (
    "The packages could not be fetched because the package index does not answer: check the network (or HTTPS_PROXY, or the index "
    "in pip's configuration) and run the same command again; what was fetched before is kept."
)
NO_SPACE = "The disk is full: the environment needs about {size} in {folder}; make room and run the same command again."
NO_PACKAGE = (
    "A package of the lock is not offered for this Python or platform: use CPython 3.11, 3.12 or 3.13 on Linux x86-64 or macOS "
    "({line})."
)
NO_HASH = (
    "A fetched package is not the one of the lock (its sha256 differs), so nothing was installed: clear the cache with `pip cache purge`, and "
    "if it comes again, ask who keeps your package index ({line})."
)
NO_INSTALL = "The packages could not be installed: the installer's last words are above, its whole output is in {log}."
NO_WRITE = (
    "{folder} cannot be written: give yourself write permission or work on a copy of the project in your home folder."
)

SYMPTOMS = [
    (r"no space left|errno 28|disk quota|os error 28", NO_SPACE),
    (r"hash mismatch|do not match the hashes|hashes are required", NO_HASH),
    (
        r"dns error|error sending request|failed to fetch|connection refused|connect error|name resolution|"
        r"newconnectionerror|connecttimeout|timed out|network is unreachable|max retries|proxyerror|sslerror",
        NO_NETWORK,
    ),
    (r"permission denied|errno 13|read-only file system", NO_WRITE),
    (r"no matching distribution|no solution found|not a supported wheel|no wheels with a matching", NO_PACKAGE),
]


class Stop(Exception):
    """The one sentence that the user is told."""


def main(argv):
    """Bring the environment up to date; `cluster`, `test` and `benchmark` add what those need."""
    groups = ["runtime"] + [group for group in ("cluster", "test", "benchmark") if group in argv]
    target = groups[-1] if groups[-1] in ("test", "benchmark") else "report"
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        folder = environment()
        if not is_current(folder, groups):
            make(folder, groups, target)
    except Stop as stop:
        print(stop, file=sys.stderr)
        return 7
    except (IOError, OSError) as error:
        sentence = {28: NO_SPACE, 122: NO_SPACE, 13: NO_WRITE, 30: NO_WRITE}.get(error.errno)
        if sentence is None:
            sentence = "The environment could not be made: {line}."
        print(sentence.format(folder=error.filename or PROJECT, size="1.5 GB", line=error), file=sys.stderr)
        return 7
    except KeyboardInterrupt:
        print("Stopped; the next `make` starts the set-up again.", file=sys.stderr)
        return 130
    return 0


def environment():
    """The folder of the environment: an active conda environment other than base, otherwise `.venv`."""
    conda = os.environ.get("CONDA_PREFIX")
    if conda and os.environ.get("CONDA_DEFAULT_ENV") != "base":
        return conda
    return os.path.join(PROJECT, ".venv")


def is_conda(folder):
    return folder != os.path.join(PROJECT, ".venv")


def python_of(folder):
    return os.path.join(folder, "bin", "python")


def stamp_of(folder):
    return os.path.join(folder, ".evaluation-setup.json")


def is_current(folder, groups):
    """Whether the environment was made from these locks, entry points and this folder, and its Python still exists."""
    stamp = read_stamp(folder)
    return os.access(python_of(folder), os.X_OK) and all(stamp.get(group) == fingerprint(group) for group in groups)


def read_stamp(folder):
    """The fingerprint of each group that was installed."""
    try:
        with open(stamp_of(folder)) as file:
            return json.load(file)
    except (IOError, OSError, ValueError):
        return {}


def fingerprint(group):
    """What an environment depends on: the lock, what pyproject.toml installs, where the project lies."""
    with open(os.path.join(PROJECT, "pyproject.toml")) as file:
        tables = re.split(r"^(?=\[)", file.read(), flags=re.MULTILINE)
    parts = [table for table in tables if table.startswith(("[project", "[build-system"))] + [PROJECT]
    for name in locks(group):
        with open(os.path.join(PROJECT, name)) as file:
            parts.append(file.read())
    return hashlib.sha256("\0".join(parts).encode("utf-8")).hexdigest()


def locks(group):
    """The locks that a group needs: its own says nothing about the packages of the run-time lock, so both count."""
    return [LOCKS["runtime"]] + ([LOCKS[group]] if group != "runtime" else [])


def make(folder, groups, target):
    """Build the environment anew, or add a group's packages to a current one; the stamp comes last."""
    anew = not is_current(folder, ["runtime"])
    stamp = {} if anew else read_stamp(folder)
    added = [group for group in groups if anew or not is_current(folder, [group])]
    missing = [LOCKS[group] for group in added]
    if not anew:
        say("Adding the %s packages to %s" % (" and ".join(added), shown(folder)))
    else:
        python = None if is_conda(folder) else usable_python(target)
        say("Setting up %s from %s" % (shown(folder), " and ".join(missing)))
        if os.path.exists(stamp_of(folder)):
            os.remove(stamp_of(folder))
        if python:
            run([python, "-m", "venv", "--clear", folder], folder)
    install(folder, missing, anew)
    for group in groups:
        stamp[group] = fingerprint(group)
    temporary = stamp_of(folder) + ".new"
    with open(temporary, "w") as file:
        json.dump(stamp, file)
    os.rename(temporary, stamp_of(folder))


def usable_python(target):
    """The calling Python if it is new enough and can make environments, else one of the known names on the path."""
    module = missing_module(sys.executable) if sys.version_info >= NEEDED else None
    if sys.version_info >= NEEDED and module is None:
        return sys.executable
    for name in OTHERS:
        path = which(name)
        if path and missing_module(path) is None:
            return path
    words = {"found": sys.executable, "version": "%d.%d" % sys.version_info[:2], "target": target, "module": module}
    raise Stop((NO_VENV if module else NO_PYTHON).format(**words))


def missing_module(python):
    """The name of the module that this Python lacks to make an environment, or None; "?" when it does not even start."""
    probe = subprocess.Popen(
        [python, "-c", PROBE], stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True
    )
    _, errors = probe.communicate()
    if probe.returncode == 0:
        return None
    match = re.search(r"No module named '?(\w+)", errors)
    return match.group(1) if match else "?"


def which(name):
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        path = os.path.join(folder, name)
        if os.access(path, os.X_OK) and os.path.isfile(path):
            return path
    return None


def install(folder, names, anew):
    """Install the locks with uv, which pip fetches by its own hash; with pip itself where uv does not run."""
    python = python_of(folder)
    files = [word for name in names for word in ("-r", os.path.join(PROJECT, name))]
    # no dependencies, no isolation: everything that builds the package comes from the lock
    editable = ["--no-deps", "--no-build-isolation", "-e", PROJECT]
    pip = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-input", "--retries", "2"]
    tools = tempfile.mkdtemp(prefix="evaluation-uv-")
    try:
        wheel = ["--no-deps", "--require-hashes", "--only-binary", ":all:", "--target", tools]
        lock = os.path.join(PROJECT, "tools", "uv.lock")
        uv = os.path.join(tools, "bin", "uv")
        has_uv = succeeds(pip + wheel + ["-r", lock]) and succeeds([uv, "--version"])
        install_uv = [uv, "pip", "install", "-q", "--python", python]
        # compiled now, as pip does, or every worker process would do it at its first import
        compiled = ["--compile-bytecode"] if anew else []
        if not (has_uv and succeeds(install_uv + ["--require-hashes"] + compiled + files)):
            run(pip + ["--require-hashes"] + files, folder)
        if anew and not (has_uv and succeeds(install_uv + editable)):
            run(pip + editable, folder)
    finally:
        shutil.rmtree(tools, ignore_errors=True)


def succeeds(command):
    """Try a command whose failure has another way out; its words are not shown."""
    with open(os.devnull, "w") as null:
        return subprocess.call(command, stdout=null, stderr=null) == 0


def run(command, folder):
    """Run a command that must succeed; its failure becomes a sentence."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
    try:
        words, _ = process.communicate()
    except KeyboardInterrupt:
        process.kill()
        raise
    if process.returncode != 0:
        raise Stop(diagnosis(words, folder))


def diagnosis(words, folder):
    """What a failed installer's output means for the user."""
    lines = [line.strip() for line in words.splitlines() if line.strip()] or ["no output"]
    for pattern, sentence in SYMPTOMS:
        if re.search(pattern, words, re.IGNORECASE):
            line = next((one for one in lines if re.search(pattern, one, re.IGNORECASE)), lines[-1])
            return sentence.format(folder=folder, size="1.5 GB", line=line.rstrip("."))
    log = os.path.join(tempfile.gettempdir(), "evaluation-setup.log")
    with open(log, "w") as file:
        file.write(words)
    print("\n".join(lines[-5:]), file=sys.stderr)
    return NO_INSTALL.format(log=log)


def say(words):
    print(words, file=sys.stderr)
    sys.stderr.flush()


def shown(folder):
    return os.path.basename(folder) if is_conda(folder) else os.path.relpath(folder)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
