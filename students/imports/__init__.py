"""Lists from outside: read, checked by shape and scope, staged. Rules and writing are in students.actions."""

from students.imports.staging import stage

__all__ = ["stage"]
