"""Small lists for tests of the import: rows as dicts, written as .csv, taken the whole way in."""

import csv
from datetime import date
from pathlib import Path

from students import imports
from students.actions import snapshots
from students.models import SourceSnapshot

MARCH = date(2020, 3, 1)
APRIL = date(2020, 4, 1)
SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples"
FILES = {
    "divisions": "行政区划.csv", "schools": "学校名录.xlsx", "roll": "学籍库.xlsx", "hukou": "公安户籍.xlsx", "attending": "在校学生花名册.xlsx",
    "poverty": "乡村振兴-脱贫户监测户.xlsx", "civil_affairs": "民政-低保特困孤儿.xlsx", "disabled": "残联-残疾人证.xlsx",
}  # fmt: skip
DIVISIONS = [
    {"区划代码": "990101000000", "名称": "示范县", "级别": "县", "上级代码": ""},
    {"区划代码": "990101100000", "名称": "东关镇", "级别": "乡镇", "上级代码": "990101000000"},
    {"区划代码": "990101100200", "名称": "王家庄村", "级别": "村", "上级代码": "990101100000"},
    {"区划代码": "990101100201", "名称": "李家村", "级别": "村", "上级代码": "990101100000"},
]
SCHOOLS = [
    {"学校标识码": "2199000003", "学校名称": "东关第1小学", "办学类型": "小学", "所属乡镇代码": "990101100000", "是否寄宿制": "否"},
    {"学校标识码": "2199000004", "学校名称": "东关第2小学", "办学类型": "小学", "所属乡镇代码": "990101100000", "是否寄宿制": "否"},
]


def receive(folder, kind, rows, *, by, coverage, as_of=MARCH, name=None):
    """A received snapshot of `rows` (dicts with the same keys)."""
    path = Path(folder) / (name or f"{kind}.csv")
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return snapshots.receive(kind=kind, path=path, name=path.name, as_of=as_of, coverage=coverage, by=by)


def stage(folder, kind, rows, **about):
    snapshot = receive(folder, kind, rows, **about)
    imports.stage(snapshot)
    return SourceSnapshot.objects.get(pk=snapshot.pk)


def load(folder, kind, rows, *, by, **about):
    """The rows taken in whole: received, staged, approved by the same person."""
    return snapshots.approve(snapshot=stage(folder, kind, rows, by=by, **about), by=by)


def pupil(number, name="王一", school="2199000003", **fields):
    return {
        "学校标识码": school, "学校名称": "", "年级": "三年级", "班级": "1班", "姓名": name, "身份证件号": number, "全国学籍号": f"G{number}",
        "出生日期": f"{number[6:10]}-{number[10:12]}-{number[12:14]}", "学籍状态": "在校",
    } | fields  # fmt: skip


def resident(number, name="王一", household="H1", **fields):
    return {
        "户号": household, "户主姓名": "王大", "与户主关系": "子", "姓名": name, "出生日期": f"{number[6:10]}-{number[10:12]}-{number[12:14]}",
        "公民身份号码": number, "村(居)委会代码": "990101100200", "人员状态": "正常",
    } | fields  # fmt: skip


def in_class(number, name="王一", school="2199000003", **fields):
    return {"学校标识码": school, "年级": "三年级", "班级": "1班", "姓名": name, "身份证号": number, "在校情况": "在校"} | fields
