"""What a cell leaves unsaid because the cell above says it: 同上, 〃 and cells merged down a column (domain.md §14)."""

from core.spreadsheets.headings import is_foot

DITTO = frozenset({"同上", "〃", "″", '"', "''", "“", "”", "如上", "上同", "//", "同 上", "〞", "同前"})


def carry_down(sheet, header, own):
    """Fill such cells of the body in place. Columns whose index is in `own` (a person's name and numbers) are never filled: a row
    whose name is merged into the row above is that person's second line and is emptied."""
    _fill_merged(sheet, header, own)
    columns = [index for index in header.columns.values() if index not in own]
    for index in sheet.rows.holding(DITTO):
        row = sheet.rows[index]
        found = [column for column in columns if column < len(row) and row[column] in DITTO] if index >= header.body_start else []
        for column in found:
            row[column] = _above(sheet.rows, index, header)[column]
        if found:
            sheet.rows[index] = row


def _above(rows, index, header):
    """The nearest row above that is somebody's; the row itself when there is none."""
    for before in range(index - 1, header.last_row, -1):
        if any(rows[before]) and not header.repeats(rows[before]) and not is_foot(rows[before]):
            return rows[before]
    return rows[index]


def _fill_merged(sheet, header, own):
    claimed = set(header.columns.values())
    for first_row, first_column, last_row, last_column in sheet.merges:
        if first_row < header.body_start or last_row == first_row:
            continue
        for column in range(first_column, last_column + 1):
            if column not in claimed:
                continue
            for index in range(first_row + 1, min(last_row + 1, len(sheet.rows))):
                row = sheet.rows[index]
                if column in own:
                    sheet.rows[index] = [""] * len(row)
                elif column < len(row) and not row[column] and any(row):
                    row[column] = sheet.rows[first_row][first_column]
                    sheet.rows[index] = row
