"""Pieces of work done in two processes, where the machine has the cores and nothing else runs in this one; results in order.

The second process is a fork that touches no database: it answers through a pipe and ends without running anything of ours. Both take
the number of their next piece from one pipe, so that neither waits for the other. A process with threads does all the work itself,
because a thread could hold a lock for ever in the fork.
"""

import os
import pickle
import struct
import sys
import threading
from contextlib import contextmanager

TICKET, LENGTH = struct.Struct("=i"), struct.Struct("=q")
PIPE_BYTES = 1 << 20
MOST_TICKETS = 65536 // TICKET.size  # what a pipe holds before anybody reads


def may_share(pieces):
    """Whether a fork is safe and worth it."""
    return 4 <= pieces <= MOST_TICKETS and threading.active_count() == 1 and (os.cpu_count() or 1) > 1


def in_order(pieces, work):
    """work(0), work(1), … work(pieces - 1), one after the other. What the other process failed to do is done here, where its error is
    raised."""
    if not may_share(pieces):
        yield from map(work, range(pieces))
        return
    with _tickets(pieces) as tickets, _other(tickets, work) as other:
        ready, following = {}, 0
        while following < pieces:
            if following in ready:
                yield ready.pop(following)
                following += 1
                continue
            ready |= other.finished()
            ticket = None if following in ready else _take(tickets)
            if ticket is not None:
                ready[ticket] = work(ticket)
            elif following not in ready:
                ready |= other.next() or {following: work(following)}


@contextmanager
def _tickets(pieces):
    reading, writing = os.pipe()
    try:
        os.write(writing, b"".join(map(TICKET.pack, range(pieces))))
    finally:
        os.close(writing)
    try:
        yield reading
    finally:
        os.close(reading)


def _take(tickets):
    """The next piece nobody does yet; None when all are taken."""
    ticket = os.read(tickets, TICKET.size)
    return TICKET.unpack(ticket)[0] if ticket else None


@contextmanager
def _other(tickets, work):
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        _work_and_end(tickets, work, writing)
    os.close(writing)
    with open(reading, "rb", buffering=0) as stream:
        try:
            yield _Other(stream)
        finally:
            stream.close()  # a writer that nobody reads from any more ends by itself
            os.waitpid(pid, 0)


class _Other:
    """What comes back from the other process."""

    def __init__(self, stream):
        self.stream = stream
        _widen(stream.fileno())

    def finished(self):
        """{piece: result} of what waits to be taken, without waiting."""
        found = {}
        while _readable(self.stream):
            result = self.next()
            if not result:
                break
            found |= result
        return found

    def next(self):
        """{piece: result} of the next one, waiting for it; {} when the other process has ended."""
        head = self._exactly(LENGTH.size)
        body = self._exactly(LENGTH.unpack(head)[0]) if head else b""
        return dict([pickle.loads(body)]) if body else {}  # noqa: S301 written by our own fork a moment ago

    def _exactly(self, size):
        parts, missing = [], size
        while missing:
            part = self.stream.read(missing)
            if not part:
                return b""
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)


def _work_and_end(tickets, work, writing):
    code = 1
    try:
        _widen(writing)
        with open(writing, "wb", buffering=0) as stream:
            while (ticket := _take(tickets)) is not None:
                body = pickle.dumps((ticket, work(ticket)), protocol=5)
                _write_all(stream, LENGTH.pack(len(body)) + body)
        code = 0
    except BrokenPipeError:
        code = 0  # the other side gave up
    finally:
        sys.stderr.flush()
        os._exit(code)


def _write_all(stream, content):
    view = memoryview(content)
    while view:
        view = view[stream.write(view) :]


def _readable(stream):
    import select

    return bool(select.select([stream], [], [], 0)[0])


def _widen(pipe):
    """A pipe that holds some pieces, so that the writer need not wait for the reader. A system that grants no more room is only slower."""
    import fcntl

    try:
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    except PermissionError:
        return
