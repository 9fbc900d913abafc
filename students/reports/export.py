"""The list of children as a file: the audit row first, its number in the file, then the rows."""

from django.utils import timezone

from core import audit
from students.reports.children import write_children

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def record_export(*, by, count, columns, full, reason, on):
    """The audit row of an export; its number is printed in the file."""
    return audit.record_view(
        "children_exported",
        by=by,
        rows=count,
        columns=[column.key for column in columns],
        full_numbers=full,
        of=on.isoformat(),
        reason=reason,
    )


def note_of(entry):
    """Who, when and the number that leads back to the audit row."""
    when = timezone.localtime(entry.at)
    return f"{entry.actor_name} {when:%Y-%m-%d %H:%M} 导出，编号 {entry.number}"


def file_name(on, entry):
    return f"学生台账_{on:%Y%m%d}_{entry.number}.xlsx"


def write_listing(target, listing, *, entry, full):
    write_children(target, children=listing.children, columns=listing.columns, on=listing.on, shown=full, note=note_of(entry))
