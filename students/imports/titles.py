"""A sheet of one school that says the school in its title or name and in no column: 东关第1小学2020年春季学期学生花名册.

Schools send such lists, and offices paste them into one workbook, a sheet each. The school becomes a column of its own behind the others.
"""

import re
import unicodedata

from core.models import Organization
from core.spreadsheets import is_foot
from students.imports.drafts import SCHOOLS

WANTED = ("school", "school_code")


def put_school(sheet, header, snapshot, lacking):
    """Whether the school, which alone was lacking, stood above the table or in the sheet's name; then every person's row has it."""
    if list(lacking) != [WANTED]:
        return False
    school = _named(" ".join([sheet.name, *(cell for row in sheet.rows[: header.first_row] for cell in row)]), snapshot)
    if not school:
        return False
    at, name = max(map(len, sheet.rows)), header.columns["name"]
    header.columns["school"] = at
    header.headings += [""] * (at - len(header.headings)) + [f"学校（取自表题：{school}）"]
    for index in range(header.body_start, len(sheet.rows)):
        row = sheet.rows[index]
        if _is_person(row, name, header):
            sheet.rows[index] = [*row, *[""] * (at - len(row)), school]
    return True


def _is_person(row, name, header):
    told = row[name].strip() if name < len(row) else ""
    return bool(told) and not (is_foot(row) or header.repeats(row))


def _named(text, snapshot):
    """The one school of the list's coverage that the words name; of 东关小学 and 东关小学分校 the longer. "" for none or several."""
    names = Organization.objects.below(snapshot.coverage).filter(kind__in=SCHOOLS).values_list("name", flat=True)
    text = _bare(text)
    there = {name for name in names if _bare(name) in text}
    longest = {name for name in there if not any(name != other and name in other for other in there)}
    return longest.pop() if len(longest) == 1 else ""


def _bare(text):
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
