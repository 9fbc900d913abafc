"""The lists that a journey imports: the sample that stands beside the clone where there is one, else a county of our own generator."""

import json
from dataclasses import dataclass
from pathlib import Path

from students.county.files import make_county
from students.county.plan import Plan

SAMPLE = Path(__file__).resolve().parents[3] / "shared" / "samples" / "tiny"
FILES = {  # in the order in which an office loads them
    "divisions": "行政区划.csv",
    "schools": "学校名录.xlsx",
    "roll": "学籍库.xlsx",
    "hukou": "公安户籍.xlsx",
    "attending": "在校学生花名册.xlsx",
    "poverty": "乡村振兴-脱贫户监测户.xlsx",
    "civil_affairs": "民政-低保特困孤儿.xlsx",
    "disabled": "残联-残疾人证.xlsx",
}


@dataclass(frozen=True)
class County:
    """files: {kind: path}; truth: what a correct system finds in them."""

    files: dict[str, Path]
    truth: dict


def read_county(folder):
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    return County({kind: folder / name for kind, name in FILES.items()}, truth)


def sample_or_made(folder):
    """The county of the journey; `folder` takes the generated lists where no sample is there."""
    if not (SAMPLE / "truth.json").exists():
        make_county(Plan(), folder)
        return read_county(folder)
    return read_county(SAMPLE)
