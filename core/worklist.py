"""What waits for a person today: the shape in which each app tells the home page."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class WorkItem:
    """One line of work. `tone` is plain, amber (to do) or red (late); `url` leads to the place where it is done in one click."""

    title: str
    count: int
    url: str
    due_on: date | None = None
    tone: str = "amber"
    note: str = ""
