"""What of a list's row is sealed in one piece: roll number, telephone, address and the cells as they came."""

from typing import NamedTuple

SEALED_AS = "list_row.cells"
PART, CELL = "\x1e", "\x1f"  # no text of a list holds them: the reader drops control characters


class SealedRow(NamedTuple):
    roll_number: str
    phone: str
    address: str
    cells: tuple[str, ...]


EMPTY = SealedRow("", "", "", ())


def closed(roll_number, phone, address, cells):
    """The bytes to seal."""
    return f"{roll_number}{PART}{phone}{PART}{address}{PART}{CELL.join(cells)}".encode()


def opened(content):
    roll_number, phone, address, cells = content.decode().split(PART)
    return SealedRow(roll_number, phone, address, tuple(cells.split(CELL)))
