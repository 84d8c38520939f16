"""What can go wrong for a user, each as one sentence with a remedy; never a traceback."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fewdistricts.spelling import closest


@dataclass(frozen=True)
class Problem:
    """One thing wrong with an input.

    `where` names file, key or column and row; `found` what stands there; `allowed` what may; `remedy` what to do.
    """

    where: str
    found: str
    allowed: str = ""
    remedy: str = ""

    def __str__(self) -> str:
        parts = [f"found {self.found}"]
        if self.allowed:
            parts.append(f"allowed: {self.allowed}")
        if self.remedy:
            parts.append(self.remedy)
        return f"{self.where}: " + "; ".join(parts)


MOST_SHOWN = 50
"""Problems that a message lists; a column missing from every file has as many as there are indicators."""


class EvaluationError(Exception):
    """Base of every error a user sees; `exit_code` tells classes apart for scripts."""

    exit_code = 1

    def __init__(self, problems: str | Problem | Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = ()
        if isinstance(problems, str):
            super().__init__(problems)
            return
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        lines = [str(problem) for problem in self.problems[:MOST_SHOWN]]
        if further := len(self.problems) - len(lines):
            lines.append(f"and {further:,} further problems, which are shown when these are mended")
        super().__init__("\n".join(lines))


class ConfigurationError(EvaluationError):
    """evaluation.yaml, or a parameter of a command or notebook, is not as it must be."""

    exit_code = 2


class InputError(ConfigurationError, ValueError):
    """What a function of the public interface was given is not what it takes."""


class DataError(EvaluationError):
    """A survey file is not as evaluation.yaml declares it."""

    exit_code = 3


class NotebookError(EvaluationError):
    """A notebook failed while it ran."""

    exit_code = 4


class PublishError(EvaluationError):
    """A notebook cannot be turned into a document."""

    exit_code = 5


class VerificationError(EvaluationError):
    """A rebuilt file is not the published one."""

    exit_code = 6


class EnvironmentProblem(EvaluationError):  # noqa: N818
    """The machine lacks something: space, a package, a scheduler."""

    exit_code = 7


def nearest(name: str, names: Iterable[str]) -> str:
    """The valid name closest to a mistyped one as a remedy, or an empty text when none is close."""
    match = closest(name, names)
    return f"did you mean {match!r}?" if match else ""
