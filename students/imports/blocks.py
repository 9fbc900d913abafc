"""Households laid out to the right: one row holds several persons as pairs of name and number (domain.md §5.4, lists 3 to 5).

Each block of columns becomes a header of its own over the same rows, so that an issue names the very cell.
"""

import re
from dataclasses import dataclass, replace

from core.spreadsheets import Header, normalise_heading

MEMBER = re.compile(r"成员|家庭人口|共同生活|保障人口|保障对象|子女|家属|配偶|其他人员|人员")
OTHERS = re.compile(r"监护|联系人|经办|帮扶|责任|填表|代理|开户|领取|审核|网格|签")
HEAD = re.compile(r"^(户主|申请人|姓名|户主申请人|家庭户主|户主姓名)")
ORDINAL = re.compile(r"[0-9一二三四五六七八九十]+(?=$|姓名|身份|证件|公民|与|关系|性别|出生|名字|号码)|^[0-9一二三四五六七八九十]+|\(\d+\)")
WHO = re.compile(r"(家庭|共同生活的?|保障|其他|同住)*(成员|人口|对象|子女|家属|人员|户主|申请人|配偶)的?")
PARTS = {
    "name": ("姓名", "名字", "", "名"),
    "number": (
        "身份证号",
        "身份证号码",
        "身份证",
        "证件号码",
        "证件号",
        "公民身份号码",
        "公民身份证号码",
        "居民身份证号码",
        "居民身份证号",
        "身份证件号",
        "身份证件号码",
        "身份号码",
    ),
    "relation": ("与户主关系", "关系", "与申请人关系", "与户主的关系", "家庭关系"),
    "sex": ("性别",),
    "birth": ("出生日期", "出生年月", "出生年月日"),
}
PART_OF = {word: part for part, words in PARTS.items() for word in words}
EMPTY = frozenset({"", "无", "/", "\\", "-", "—", "——", "0"})


@dataclass
class Block(Header):
    """The header of one person of the row: what all share, and the columns of this one."""

    def repeats(self, row):
        """Also where nobody stands in this block."""
        return self._vacant(row) or super().repeats(row)

    def _vacant(self, row):
        own = [self.columns[field] for field in ("name", "number") if field in self.columns]
        return all(index >= len(row) or row[index].strip() in EMPTY for index in own)


def split(header, *, households):
    """The header as one Block for each person of a row; [] where each row is one person. A list that knows no households (`households`
    False) is only ever printed in two or more columns of pages, under the very same headings."""
    persons = _persons(header.headings)
    members = [columns for columns, is_member in persons if is_member]
    if not _printed_side_by_side(persons, header.headings) and not (households and len(members) > 1):
        return []
    taken = {index for columns, _ in persons for index in columns.values()}
    shared = {field: index for field, index in header.columns.items() if index not in taken and field not in ("name", "number", "relation")}
    first = persons[0][0]
    if "head" not in shared and not persons[0][1]:
        shared["head"] = first["name"]
    unknown = [(index, heading) for index, heading in header.unknown if index not in taken]
    plain = {"first_row": header.first_row, "last_row": header.last_row, "headings": header.headings, "unknown": unknown}
    starts = [*(columns["name"] for columns, _ in persons[1:]), len(header.headings)]
    return [
        Block(columns=shared | _own_again(shared, header.headings, columns["name"], end) | columns, **plain)
        for (columns, _), end in zip(persons, starts, strict=True)
    ]


def _own_again(shared, headings, start, end):
    """Shared columns that come again, under the same heading, in a person's own part of the row."""
    again = {}
    for field, index in shared.items():
        found = [at for at in range(start, end) if at > index and normalise_heading(headings[at]) == normalise_heading(headings[index])]
        if found:
            again[field] = found[0]
    return again


def _printed_side_by_side(persons, headings):
    """Whether two persons stand under the very same headings for name and number."""
    heads = [tuple(normalise_heading(headings[columns[part]]) for part in ("name", "number")) for columns, _ in persons]
    return len(set(heads)) < len(heads)


def _persons(headings):
    """[(columns by field, whether the headings speak of a member)] of each pair of a name and the number that follows it."""
    persons, columns, member = [], {}, False
    for index, heading in enumerate(headings):
        part, is_member = _part(heading)
        if part is None:
            continue
        if part in columns and part != "name":
            continue
        if part == "name":
            if "number" in columns:
                persons.append((columns, member))
            columns, member = {"name": index}, is_member
        elif "name" in columns:
            columns[part] = index
    if "number" in columns:
        persons.append((columns, member))
    return _repeated(persons, headings)


def _repeated(persons, headings):
    """Pairs under one and the same heading, 姓名 and 身份证号 again and again, are members from the second on."""
    names = [normalise_heading(headings[columns["name"]]) for columns, _ in persons]
    return [(columns, member or names.index(names[at]) < at) for at, (columns, member) in enumerate(persons)]


def _part(heading):
    """(name, number, relation … or None, whether the heading speaks of a member)."""
    word = normalise_heading(heading)
    if not word or OTHERS.search(word):
        return None, False
    plain = WHO.sub("", ORDINAL.sub("", WHO.sub("", word, count=1)), count=1)
    member = bool(MEMBER.search(word)) or bool(ORDINAL.search(word))
    part = PART_OF.get(plain)
    if part == "name" and not plain and not (member or HEAD.match(word)):
        return None, False
    return part, member


def shared_columns(blocks):
    """A header with the columns of all blocks, for what is carried down a column."""
    columns = {f"{field}:{number}": index for number, block in enumerate(blocks) for field, index in block.columns.items()}
    return replace(blocks[0], columns=columns)


def own_columns(blocks):
    """Columns of what is never the same as in the row above."""
    return {block.columns[field] for block in blocks for field in ("name", "number") if field in block.columns}
