"""Files that mean harm, made by code when they are wanted: nothing of them lies in the repository.

`every()` gives them all. Each says through which doors it comes and what has to become of it; the tests send them, tests/proof sends
them to real servers. A door is an upload of the product: "list" takes tables, "proof" photos and PDF.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

REFUSED, READ, EITHER = "refused", "read", "either"
MODULES = ("bombs", "xml_parts", "packages", "tables", "pictures", "papers")


@dataclass(frozen=True)
class Hostile:
    """One file: `title` for people, `name` as uploaded, `make` its bytes. `fate`: refused, read within limits, or either of them.
    `says`: a word of the sentence when refused."""

    title: str
    name: str
    make: Callable[[], bytes]
    fate: str = REFUSED
    says: str = ""
    door: str = "list"

    def __str__(self):
        return self.title


def of_module(module):
    return import_module(f"tests.hostile.{module}").FILES


def every(door=None):
    found = [one for module in MODULES for one in of_module(module)]
    return [one for one in found if door in (None, one.door)]
