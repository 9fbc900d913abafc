"""Workbooks in and out; the only package that knows openpyxl and calamine (design.md §1).

admission   what an uploaded file is, and whether it may be opened at all
reading     its sheets as text with their real addresses, in a child with limits (`read_guarded`)
headings    where the header is, and which rows are foot notes
carrying    同上 and cells merged down a column
dates       dates as people type them
writing     workbooks that print on A4 and come back as typed
annotating  the sender's workbook with the reasons in a last column

Names are fetched on first use: the reading child must not pay for openpyxl, which it never needs.
"""

from importlib import import_module

EXPORTS = {
    "Limits": "admission",
    "WorkbookRefused": "admission",
    "preflight": "admission",
    "Number": "cells",
    "Sheet": "cells",
    "column_letter": "cells",
    "address": "cells",
    "lost_digits": "cells",
    "read_workbook": "reading",
    "read_guarded": "reading",
    "Header": "headings",
    "find_header": "headings",
    "probable_header": "headings",
    "with_lower_headings": "headings",
    "is_foot": "headings",
    "carry_down": "carrying",
    "normalise_heading": "headings",
    "DateReading": "dates",
    "ImpossibleDate": "dates",
    "parse_date": "dates",
    "read_date": "dates",
    "Column": "writing",
    "SheetOut": "writing",
    "write_workbook": "writing",
    "annotate_workbook": "annotating",
}


def __getattr__(name):
    if name not in EXPORTS:
        raise AttributeError(name)
    value = getattr(import_module(f"{__name__}.{EXPORTS[name]}"), name)
    globals()[name] = value
    return value
