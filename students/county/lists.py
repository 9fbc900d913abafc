"""Rows of the eight lists, each a dict by field; headings.py says under which heading a field stands."""

import random
from dataclasses import dataclass, field

from students.county import anomalies
from students.county.habits import typed_date, typed_grade, typed_number
from students.county.places import COUNTY_CODE, COUNTY_NAME, REGION
from students.county.population import Child
from students.rules.codes import SCHOOL_KINDS
from students.rules.grades import STAGES, entry_year_of
from students.rules.identity import DISABILITY_CATEGORIES, DISABILITY_LEVELS

POVERTY_TYPES, POVERTY_WEIGHTS = ("脱贫户", "脱贫不稳定户", "边缘易致贫户", "突发严重困难户"), (60, 22, 14, 4)
CIVIL_WEIGHTS = {"低保": 50, "特困": 15, "孤儿": 15, "事实无人抚养": 15}
CIVIL_WORDS = {"a": str, "b": lambda word: {"低保": "农村低保", "特困": "特困供养"}.get(word, word)}
POOR_SHARE, CIVIL_SHARE, DISABLED_SHARE = 0.055, 0.016, 0.011
STUDYING = {"pre": "学前教育"}
BROKEN = ("科学计数", "无姓名", "日期不存在", "学校不存在")


@dataclass
class Lists:
    divisions: list[dict] = field(default_factory=list)
    schools: list[dict] = field(default_factory=list)
    roll: list[dict] = field(default_factory=list)
    hukou: list[dict] = field(default_factory=list)
    attending: list[dict] = field(default_factory=list)
    poverty: list[dict] = field(default_factory=list)
    civil_affairs: list[dict] = field(default_factory=list)
    disabled: list[dict] = field(default_factory=list)
    broken: tuple[str, ...] = BROKEN
    left_rows: int = 0


class ListMaker:
    """Writes down what each department knows of the children."""

    def __init__(self, plan, townships, schools, children):
        self.plan, self.townships, self.schools, self.children = plan, townships, schools, children
        self.rng = random.Random(f"{plan.seed}/{plan.pupils}/{plan.schools}/{plan.variant}/lists")  # noqa: S311  has to repeat

    def make(self) -> Lists:
        lists = Lists(divisions=self.divisions(), schools=self.school_rows())
        lists.roll, lists.left_rows = self.roll()
        lists.hukou, lists.attending = self.hukou(), self.attending()
        lists.poverty, lists.civil_affairs, lists.disabled = self.poverty(), self.civil_affairs(), self.disabled()
        return lists

    def divisions(self) -> list[dict]:
        rows = [{"code": COUNTY_CODE, "name": COUNTY_NAME, "level": "县", "parent": ""}]
        for township in self.townships:
            rows.append({"code": township.code, "name": township.name, "level": "乡镇", "parent": COUNTY_CODE})
            rows += [{"code": village.code, "name": village.name, "level": "村", "parent": township.code} for village in township.villages]
        return rows

    def school_rows(self) -> list[dict]:
        return [
            {
                "code": school.code, "name": school.name, "kind": SCHOOL_KINDS[school.kind].label, "township": school.township,
                "boarding": "是" if school.boarding else "否", "parent": school.parent,
            }
            for school in self.schools
        ]  # fmt: skip

    def roll(self) -> tuple[list[dict], int]:
        """The roll by school, grade and class; then those who were struck off, second entries, and the four broken rows."""
        pupils = [child for child in self.children if child.on_roll]
        pupils.sort(key=lambda child: (child.school.code, child.grade, child.class_number))
        rows = [self.roll_row(child) for child in pupils]
        left = [child for child in self.children if child.kind == anomalies.AWAY][::2]
        rows += [self.roll_row(child) | {"state": "转出"} for child in left]
        for child in pupils:
            if child.second_school:
                rows.append(self.roll_row(child) | {"school_code": child.second_school.code, "school": child.second_school.name})
        rows += self.broken_rows([child for child in pupils if not child.kind and not child.twin])
        return [{"serial": str(serial)} | row for serial, row in enumerate(rows, 1)], len(left)

    def roll_row(self, child: Child) -> dict:
        region = child.number[:6] if child.kind == anomalies.FOREIGN else REGION
        boarding = ("住校", "走读") if self.plan.variant == "a" else ("是", "否")
        number = child.typed_number or typed_number(self.rng, child.number)
        # now and then the roll number was made from the mistyped number: then nothing but name, birth and likeness lead back
        behind = child.typed_number if child.typed_number and child.number[-2] in "02468" else child.number
        return self.class_row(child) | {
            "name": child.typed_name or child.name, "sex": child.sex, "birth": typed_date(self.rng, child.birth),
            "ethnic": self.ethnic(child),
            "document": "居民身份证", "number": number, "roll_number": f"G{behind}", "region": region,
            "boarding": boarding[not child.boarding],
            "entered": f"{entry_year_of(child.grade, self.plan.start_year)}09", "state": "在校",
            "left_behind": "是" if child.left_behind else "否", "orphan": "否", "disability": "",
            "address": child.household.village.name, "phone": child.phone, "guardian": child.guardian,
            "guardian_relation": child.guardian_relation, "guardian_phone": child.phone,
        }  # fmt: skip

    def class_row(self, child: Child) -> dict:
        grade = typed_grade(child.grade, self.plan.variant)
        return {"school_code": child.school.code, "school": child.school.name, "grade": grade, "class": f"{child.class_number}班"}

    def ethnic(self, child: Child) -> str:
        label = child.household.ethnic
        return label if self.plan.variant == "a" else label.removesuffix("族")

    def broken_rows(self, ordinary: list[Child]) -> list[dict]:
        """Second entries of four ordinary pupils under temporary roll numbers, each with what makes a row unusable."""
        flaws = (
            {"number": 9.901012008071501e17}, {"name": ""}, {"birth": "2009-02-30"},
            {"school_code": "3199999999", "school": "不存在小学"},
        )  # fmt: skip
        victims = self.rng.sample(ordinary, len(flaws))
        return [self.roll_row(child) | {"roll_number": f"L{child.number}"} | flaw for child, flaw in zip(victims, flaws, strict=True)]

    def hukou(self) -> list[dict]:
        rows = []
        for child in self.children:
            if child.kind == anomalies.FOREIGN:
                continue
            rows.append(self.hukou_row(child, child.household.number))
            if child.kind == anomalies.TWICE:
                rows.append(self.hukou_row(child, child.household.number[:12] + "9" + child.household.number[-3:]))
        self.rng.shuffle(rows)
        return rows

    def hukou_row(self, child: Child, household: str) -> dict:
        village = child.household.village
        return {
            "household": household, "head": child.household.head, "relation": child.relation, "name": child.name, "sex": child.sex,
            "ethnic": self.ethnic(child), "birth": typed_date(self.rng, child.birth), "number": child.number,
            "village_code": village.code,
            "village": village.name, "state": child.registry_state,
        }  # fmt: skip

    def attending(self) -> list[dict]:
        """Who sits in the classroom; every other pupil who has left it is still listed, with that state."""
        gone = [child for child in self.children if child.kind == anomalies.NOT_ATTENDING][::2]
        pupils = [child for child in self.children if child.attending]
        rows = [self.attending_row(child, "在校") for child in pupils] + [self.attending_row(child, "未到校") for child in gone]
        return sorted(rows, key=lambda row: (row["school_code"], row["grade"], row["class"]))

    def attending_row(self, child: Child, state: str) -> dict:
        return self.class_row(child) | {"name": child.name, "number": typed_number(self.rng, child.number), "state": state}

    def chosen(self, share: float, least: int, always: tuple[str, ...] = ()) -> list[Child]:
        """Registered children by lot; those of the kinds ``always`` come first."""
        registered = [child for child in self.children if child.registered]
        first = [child for child in registered if child.kind in always]
        rest = [child for child in registered if child.kind not in always]
        count = max(least, round(share * len(self.children)) - len(first))
        return first + self.rng.sample(rest, count)

    def poverty(self) -> list[dict]:
        """Whole households: every registered child of the households that were drawn."""
        township_names = {township.code: township.name for township in self.townships}
        drawn = {child.household.number: None for child in self.chosen(POOR_SHARE, 8)}
        kinds = {number: (self.rng.choices(POVERTY_TYPES, POVERTY_WEIGHTS)[0], str(self.rng.randint(2014, 2020))) for number in drawn}
        members = [child for child in self.children if child.registered and child.household.number in kinds]
        return [self.poverty_row(child, township_names, *kinds[child.household.number]) for child in members]

    def poverty_row(self, child: Child, township_names: dict, kind: str, lifted: str) -> dict:
        village = child.household.village
        stage = STUDYING.get(child.grade.stage, STAGES[child.grade.stage])
        return {
            "township": township_names[village.township], "village": village.name,
            "household": f"9{child.household.number[:6]}{child.household.number[-10:]}",
            "head": child.household.head, "name": child.name, "person": "", "number": child.number, "relation": f"之{child.relation}",
            "studying": stage if child.on_roll or child.attending else "", "kind": kind,
            "lifted": lifted if kind.startswith("脱贫") else "",
        }  # fmt: skip

    def civil_affairs(self) -> list[dict]:
        members = self.chosen(CIVIL_SHARE, 2 * len(CIVIL_WEIGHTS))
        drawn = self.rng.choices(list(CIVIL_WEIGHTS), list(CIVIL_WEIGHTS.values()), k=len(members) - len(CIVIL_WEIGHTS))
        categories = [CIVIL_WORDS[self.plan.variant](word) for word in (*CIVIL_WEIGHTS, *drawn)]
        return [
            {
                "name": child.name, "number": child.number, "category": category, "head": child.household.head,
                "village": child.household.village.name,
                "starts": "2019-01-01", "ends": "",
            }
            for child, category in zip(members, categories, strict=True)
        ]  # fmt: skip

    def disabled(self) -> list[dict]:
        """Children taught at home have severe disabilities and are always on the list."""
        return [self.disabled_row(child) for child in self.chosen(DISABLED_SHARE, 4, (anomalies.HOME,))]

    def disabled_row(self, child: Child) -> dict:
        category = self.rng.choice(list(DISABILITY_CATEGORIES))
        level = self.rng.choice("12" if child.kind == anomalies.HOME else "1234")
        return {
            "name": child.name, "card": f"{child.number}{category}{level}", "category": DISABILITY_CATEGORIES[category],
            "level": DISABILITY_LEVELS[level], "village": child.household.village.name,
        }  # fmt: skip
