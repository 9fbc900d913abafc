"""The forms in which people type dates, numbers and grades."""

from datetime import date, datetime, time

from students.rules.grades import HAN_OF, JUN, SEN, VOC, Grade, grade_label

DATE_FORMS = (
    lambda on: datetime.combine(on, time()),  # a real date cell
    lambda on: f"{on:%Y%m%d}",
    lambda on: f"{on:%Y-%m-%d}",
    lambda on: f"{on.year}.{on.month}.{on.day}",
    lambda on: f"{on.year}/{on.month}/{on.day}",
    lambda on: f"{on.year}年{on.month}月{on.day}日",
    lambda on: f"{on.year}。{on.month}、{on.day}",
)
DATE_WEIGHTS = (36, 32, 20, 8, 2, 1.5, 0.5)
FULL_WIDTH = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
NUMBER_FORMS = (
    str,
    lambda number: f" {number} ",
    lambda number: number.lower(),
    lambda number: number.translate(FULL_WIDTH),
    lambda number: f"'{number}",
    lambda number: f"{number}\u3000",
    lambda number: f"G{number}",
)
NUMBER_WEIGHTS = (980, 6, 4, 3, 3, 2, 2)


def typed_date(rng, on: date):
    return rng.choices(DATE_FORMS, DATE_WEIGHTS)[0](on)


def typed_number(rng, number: str) -> str:
    return rng.choices(NUMBER_FORMS, NUMBER_WEIGHTS)[0](number)


def typed_grade(grade: Grade, variant: str) -> str:
    """Variant b counts within the stage: 初一, 高中一年级, 职一."""
    if variant == "a" or grade.stage not in (JUN, SEN, VOC):
        return grade_label(grade).removeprefix("特教")
    form = {JUN: "初{}", SEN: "高中{}年级", VOC: "职{}"}[grade.stage]
    return form.format(HAN_OF[grade.year])
