"""What the page of columns shows: the headings of a received or staged list and what each was taken for."""

from students.imports.columns import fields_of
from students.imports.layouts import LAYOUTS


def sheets(snapshot):
    """The sheets asked about, or those that were read, without their columns."""
    return snapshot.layout.get("asks") or snapshot.layout.get("sheets", [])


def headings(snapshot):
    """[{"heading", "field", and of a list asked about "filled", "of", "look"}], each heading once, unknown ones first."""
    if "asks" in snapshot.layout:
        entries = [entry for sheet in snapshot.layout["asks"] for entry in sheet["headings"]]
    else:
        entries = [
            {"heading": heading, "field": field}
            for sheet in snapshot.layout.get("sheets", [])
            for heading, field in [
                *((heading, field) for field, heading in sheet["columns"].items()),
                *((text, "") for text in sheet["unknown"]),
            ]
        ]
    once = {}
    for entry in entries:
        if entry["heading"] not in once or (entry["field"] and not once[entry["heading"]]["field"]):
            once[entry["heading"]] = entry
    return sorted(once.values(), key=lambda entry: bool(entry["field"]))


def fields(snapshot):
    return fields_of(snapshot.kind)


def needed(snapshot):
    return LAYOUTS[snapshot.kind].needed
