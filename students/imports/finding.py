"""Which sheets of a workbook hold the list, and which column is which field (design.md §4)."""

from core.spreadsheets import WorkbookRefused, carry_down, find_header
from students.actions import snapshots
from students.imports.layouts import LAYOUTS

OWN = ("serial", "name", "number", "roll_number", "card", "person_code")  # never the same as in the row above


def find_sheets(sheets, snapshot, *, ask=False):
    """(sheet, header) of every sheet that holds the list, and the names of the others with the reason. `ask`: a person is there to say
    what an unknown column is."""
    layout, found, skipped = LAYOUTS[snapshot.kind], [], []
    for sheet in sheets:
        header = find_header(sheet.rows, layout.headings, minimum=2 if len(layout.needed) < 3 else 3)
        missing = _missing(header, layout) if header else "没有找到表头"
        if header and not missing:
            carry_down(sheet, header, {header.columns[field] for field in OWN if field in header.columns})
            found.append((sheet, header))
        else:
            skipped.append({"sheet": sheet.name, "why": missing})
    if not found:
        wanted = "、".join("或".join(layout.headings[field][0] for field in alternatives) for alternatives in layout.needed)
        raise WorkbookRefused(
            f"《{snapshot.file.name}》里没有找到{snapshot.get_kind_display()}的表头:前 8 行里要有 {wanted} 这些列。请核对文件和名单种类。"
        )
    return found, skipped


def stopped(snapshot, refusal):
    """The snapshot of a file that was not read, with the sentence."""
    return snapshots.refuse(snapshot=snapshot, sentence=str(refusal))


def layout_of(found, skipped):
    """What was read and what was not, as the preview shows it."""
    return {"sheets": [_layout(sheet, header) for sheet, header in found], "skipped": skipped}


def _missing(header, layout):
    """Sentence naming the needed columns that the header lacks; "" when it has them."""
    lacking = [
        "或".join(layout.headings[field][0] for field in alternatives)
        for alternatives in layout.needed
        if not set(alternatives) & set(header.columns)
    ]
    return f"缺少列:{'、'.join(lacking)}" if lacking else ""


def _layout(sheet, header):
    return {
        "sheet": sheet.name, "header_row": header.first_row + 1, "rows": len(sheet.rows) - header.body_start,
        "columns": {field: header.headings[index] for field, index in header.columns.items()},
        "unknown": [heading for _, heading in header.unknown],
    }  # fmt: skip
