"""Workers that are closed stay closed, whatever the threads that wait for them still ask for."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from fewdistricts.run import workers


def linger(begun: Path) -> None:
    begun.touch()
    time.sleep(60)


@pytest.fixture
def started(monkeypatch):
    """Counts the executors that are started."""
    made = []
    start = workers.Workers._processes

    def counted(self, jobs):
        made.append(jobs)
        return start(self, jobs)

    monkeypatch.setattr(workers.Workers, "_processes", counted)
    return made


def test_no_worker_is_started_once_they_are_closed(started):
    pool = workers.Workers(1)
    pool.run(os.getpid)
    pool.close(now=True)
    with pytest.raises(RuntimeError, match="the workers are closed"):
        pool.run(os.getpid)
    assert started == [1]


def test_what_ran_when_they_were_closed_is_not_run_again(started, tmp_path):
    pool = workers.Workers(2)
    begun, raised = tmp_path / "begun", []

    def task() -> None:
        try:
            pool.run(linger, begun)
        except BaseException as error:
            raised.append(error)

    waiting = threading.Thread(target=task)
    waiting.start()
    while not begun.exists():
        assert not raised
        time.sleep(0.01)
    pool.run(os.getpid)  # in the other worker, which has nothing to do when they are closed and ends first
    pool.close(now=True)
    waiting.join(30)
    assert len(raised) == 1
    assert started == [2]
