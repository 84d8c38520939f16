"""What a build did, task by task."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Outcome:
    """What a build did: names of the tasks that ran, were up to date, failed, or waited for one that failed."""

    ran: tuple[str, ...] = ()
    current: tuple[str, ...] = ()
    failed: dict[str, Exception] = field(default_factory=dict)
    blocked: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0, or the code of the first failure."""
        codes = [getattr(error, "exit_code", 1) for error in self.failed.values()]
        return codes[0] if codes else 0

    def after(self, first: Outcome) -> Outcome:
        """This and what had to be done before it."""
        current = tuple(name for name in self.current if name not in first.ran)
        return Outcome(first.ran + self.ran, current, self.failed, self.blocked)
