"""What a cell and a sheet are once read: text with an address."""

import re
import unicodedata
from dataclasses import dataclass, field

# a float holds 15 decimal digits for certain; from here on an identity or account number typed as a number is no longer what was typed
EXACT_BELOW = 1e15
NUMBER_MARK = "\x1d"  # stands before a number cell's value on its way from the reading child; no text holds it
SCIENTIFIC = re.compile(r"[\s'‘’`]*\d([.,]\d+)?[eE]\+?\d{2,3}[\s.'’]*")


class Number(str):
    """Text of a number cell as Excel would show it, carrying the float the file holds in `value`."""

    __slots__ = ("value",)

    def __new__(cls, value):
        number = super().__new__(cls, number_text(value))
        number.value = value
        return number

    def __getnewargs__(self):
        return (self.value,)


def number_text(value):
    """Whole numbers without ".0", others with the 15 digits a workbook really holds."""
    if value == int(value) and abs(value) < EXACT_BELOW:
        return str(int(value))
    return f"{value:.15g}".upper()


def lost_digits(cell):
    """True when a cell meant as an identity or account number no longer holds all its digits: a number cell of more than 15 digits,
    or its scientific form saved as text (a .csv made by Excel). Such a cell is refused, never rounded (domain.md §14)."""
    if isinstance(cell, Number):
        return abs(cell.value) >= EXACT_BELOW
    return SCIENTIFIC.fullmatch(unicodedata.normalize("NFKC", cell)) is not None


def column_letter(index):
    """A for 0, Z for 25, AA for 26."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def address(row_index, column_index):
    """What a person reads in Excel: address(4, 2) is "C5"."""
    return f"{column_letter(column_index)}{row_index + 1}"


@dataclass
class Sheet:
    """One sheet. rows[0] is always row 1 and row[0] always column A, however many leading ones are empty. `merges`: areas merged over
    more than one row as [first row, first column, last row, last column], counted from 0."""

    name: str
    rows: list = field(default_factory=list)
    hidden: bool = False
    merges: list = field(default_factory=list)
