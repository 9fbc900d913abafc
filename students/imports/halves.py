"""Rows of a list built in two processes, where the machine has the cores and nothing else runs in this one.

The second process is a fork that touches no database: it writes its lines into memory that has no name in any folder, and ends without
running anything of ours. A process with threads, or a short list, builds all rows itself.
"""

import os
import pickle
import sys
import threading

WORTH_IT = 4000  # rows; below it the fork costs more than it saves


def may_part(rows):
    """Whether a fork is safe (no other thread could hold a lock for ever) and worth it."""
    return rows >= WORTH_IT and threading.active_count() == 1 and (os.cpu_count() or 1) > 1 and hasattr(os, "memfd_create")


class OtherHalf:
    """Lines of `part` (an iterable of lines that also counts) built in a forked process from now on."""

    def __init__(self, part):
        self.part = part
        self.memory = os.memfd_create("rows")
        self.pid = os.fork()
        if self.pid == 0:
            _build_and_end(part, self.memory)

    def lines(self):
        """The lines, once they are all there; built here after all if the other process failed, so that its error is raised here."""
        _, status = os.waitpid(self.pid, 0)
        try:
            if status != 0:
                yield from self.part.lines()
                return
            with open(self.memory, "rb", closefd=False) as stream:
                stream.seek(0)
                self.part.counted(pickle.load(stream))  # noqa: S301 written by our own fork a moment ago
                yield from map(bytes.decode, stream)
        finally:
            os.close(self.memory)


def _build_and_end(part, memory):
    code = 1
    try:
        lines = "".join(part.lines()).encode()
        with open(memory, "wb", closefd=False) as stream:
            pickle.dump(part.counts(), stream)
            stream.write(lines)
        code = 0
    finally:
        sys.stderr.flush()
        os._exit(code)
