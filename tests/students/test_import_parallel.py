"""Pieces of work in two processes: in order, complete, and honest when the other process fails."""

import os
import signal

import pytest

from students.imports import parallel

PIECES = 40


@pytest.fixture
def two_processes(monkeypatch):
    """The suite's own threads do not touch what is done here."""
    monkeypatch.setattr(parallel.threading, "active_count", lambda: 1)
    monkeypatch.setattr(parallel.os, "cpu_count", lambda: 2)


def squares(number):
    return number * number, os.getpid()


def fails_in_the_fork(own):
    def work(number):
        if os.getpid() != own:
            raise ValueError("the fork cannot")
        return number

    return work


class TestInOrder:
    def test_results_come_in_order_from_both(self, two_processes):
        results = list(parallel.in_order(PIECES, slowly(squares)))
        assert [value for value, _ in results] == [number * number for number in range(PIECES)]
        assert len({pid for _, pid in results}) == 2

    def test_big_results_do_not_block_the_pipe(self, two_processes):
        results = list(parallel.in_order(12, lambda number: bytes([number]) * (3 * parallel.PIPE_BYTES)))
        assert [(result[0], len(result)) for result in results] == [(number, 3 * parallel.PIPE_BYTES) for number in range(12)]

    def test_what_the_other_process_cannot_do_is_done_here(self, two_processes):
        assert list(parallel.in_order(PIECES, fails_in_the_fork(os.getpid()))) == list(range(PIECES))

    def test_an_error_of_the_work_is_raised_here(self, two_processes):
        def work(number):
            if number == 17:
                raise ValueError("row 17")
            return number

        with pytest.raises(ValueError, match="row 17"):
            list(parallel.in_order(PIECES, work))

    def test_a_killed_process_costs_nothing(self, two_processes):
        own = os.getpid()

        def work(number):
            if os.getpid() != own and number > 2:
                os.kill(os.getpid(), signal.SIGKILL)
            return number

        assert list(parallel.in_order(PIECES, work)) == list(range(PIECES))

    def test_giving_up_half_way_leaves_no_process(self, two_processes):
        results = parallel.in_order(PIECES, squares)
        assert next(results)[0] == 0
        results.close()
        with pytest.raises(ChildProcessError):
            os.waitpid(-1, os.WNOHANG)

    def test_a_process_with_threads_works_alone(self, monkeypatch):
        monkeypatch.setattr(parallel.threading, "active_count", lambda: 2)
        assert {pid for _, pid in parallel.in_order(PIECES, squares)} == {os.getpid()}


def slowly(work):
    import time

    def slow(number):
        time.sleep(0.01)
        return work(number)

    return slow
