"""doit's memory of what was built from which content, kept so that a build killed at any moment can be continued."""

from __future__ import annotations

import os
from collections import deque
from typing import Any

from doit.control import TaskControl, TaskDispatcher
from doit.dependency import DatabaseException, Dependency, FileChangedChecker, SqliteDB, get_file_md5
from doit.runner import MThreadRunner

State = tuple[int, int, int, str]


class ContentChecker(FileChangedChecker):
    """A file has changed when its content has; the clock only saves reading it again.

    doit's own checker trusts the modification time, which copying tools set back; the time of the last change of the
    inode cannot be set. Hashes are remembered within a build, since many tasks depend on the same modules.
    """

    def __init__(self) -> None:
        self._known: dict[str, State] = {}

    def check_modified(self, file_path: str, file_stat: os.stat_result, state: State) -> bool:
        """Whether the content differs from the one of the state."""
        times = (file_stat.st_mtime_ns, file_stat.st_ctime_ns, file_stat.st_size)
        return tuple(state[:3]) != times and (state[2] != file_stat.st_size or self._state(file_path)[3] != state[3])

    def get_state(self, dep: str, current_state: State | None) -> State:
        """Times, size and hash of the content, to be compared with later."""
        return self._state(dep)

    def _state(self, path: str) -> State:
        found = os.stat(path)  # noqa: PTH116 - called some hundred thousand times
        times = (found.st_mtime_ns, found.st_ctime_ns, found.st_size)
        known = self._known.get(path)
        if known is None or known[:3] != times:
            known = self._known[path] = (*times, get_file_md5(path))
        return known


class Journal(SqliteDB):
    """doit's SQLite store, which can be written to disk at any time instead of at the end only."""

    def __init__(self, name: str, codec: Any, *, module_name: str | None = None) -> None:
        super().__init__(name, codec, module_name=module_name)
        self._dirty: set[str] = set()
        # survives the death of the process at any moment, not a power cut, after which tasks run again
        self._conn.execute("pragma journal_mode=wal")
        self._conn.execute("pragma synchronous=off")

    def flush(self) -> None:
        """Write what is new."""
        for task in self._dirty:
            self._conn.execute("insert or replace into doit values (?,?)", (task, self.codec.encode(self._cache[task])))
        self._conn.commit()
        self._dirty = set()


def open_journal(path: str) -> Dependency:
    """The memory at `path`; an unreadable one is replaced by an empty one, so that everything runs again."""
    try:
        return Dependency(Journal, path, checker_cls=ContentChecker)
    except DatabaseException:
        os.remove(path)  # noqa: PTH107
        return Dependency(Journal, path, checker_cls=ContentChecker)


class OrderedDispatcher(TaskDispatcher):
    """Hands out the tasks that have become ready in the order in which they were declared, not by chance."""

    ready: deque[Any]

    def __init__(self, control: TaskControl) -> None:
        super().__init__(control.tasks, control.targets, control.selected_tasks)
        self._place = {name: place for place, name in enumerate(control.tasks)}

    def _update_waiting(self, processed: Any) -> None:
        before = len(self.ready)
        super()._update_waiting(processed)
        if len(self.ready) > before:
            self.ready = deque(sorted(self.ready, key=lambda node: self._place[node.task.name]))


class JournalledRunner(MThreadRunner):
    """Forgets a task before it runs and notes it as soon as it has run."""

    def select_task(self, node: Any, tasks_dict: dict[str, Any]) -> bool:
        """Whether a task has to run; from here until it has succeeded, its outputs count as nothing."""
        selected = super().select_task(node, tasks_dict)
        if selected:
            self.dep_manager.remove_success(node.task)
            self.dep_manager.backend.flush()
        return selected

    def process_task_result(self, node: Any, base_fail: Any) -> None:
        """Note a task's success or failure."""
        super().process_task_result(node, base_fail)
        self.dep_manager.backend.flush()
