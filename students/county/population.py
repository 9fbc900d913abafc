"""Households and their children, each with a grade, a birth date that fits it, a school and a class."""

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from students.county import names
from students.county.places import REGION, School, Village
from students.rules.grades import JUN, PRE, PRI, SEN, SPE, VOC, Grade
from students.rules.identity import check_digit

STAGE_WEIGHTS = {PRE: 120, PRI: 455, JUN: 230, SEN: 118, VOC: 75}
STAGE_LENGTH = {PRE: 3, PRI: 6, JUN: 3, SEN: 3, VOC: 3, SPE: 9}
FIRST_GRADE = {PRE: -2, PRI: 1, JUN: 7, SEN: 10, VOC: 10, SPE: 1}  # counted through: a first grader of primary school is 1
SPECIAL_SHARE, TWIN_SHARE, NEAR_SCHOOL_SHARE = 4, 0.02, 0.85
CLASS_SIZE = 45
CHILDREN_OF_A_HOUSEHOLD = (1, 1, 1, 2, 2, 3)
RELATIONS = {"男": ("子", "子", "子", "孙子"), "女": ("女", "女", "女", "孙女")}
GUARDIANS = ("父亲", "父亲", "母亲", "母亲", "祖父", "祖母", "其他监护人")


@dataclass
class Household:
    number: str
    village: Village
    ethnic: str
    family: str
    head: str


@dataclass(slots=True)
class Child:
    """What the generator knows of a child; ``kind`` is the anomaly it was given, empty for most."""

    number: str
    name: str
    sex: str
    birth: date
    household: Household
    relation: str
    grade: Grade
    school: School
    guardian: str
    guardian_relation: str
    phone: str
    twin: bool = False
    class_number: int = 1
    boarding: bool = False
    left_behind: bool = False
    kind: str = ""
    registered: bool = True
    registry_state: str = "正常"
    on_roll: bool = True
    attending: bool = True
    typed_number: str = ""
    typed_name: str = ""
    second_school: School | None = None


@dataclass
class Numbers:
    """Identity numbers, each once."""

    rng: random.Random
    taken: set[str] = field(default_factory=set)

    def take(self, birth: date, sex: str, region: str = REGION) -> str:
        while True:
            sequence = self.rng.randrange(1 if sex == "男" else 2, 1000, 2)
            seventeen = f"{region}{birth:%Y%m%d}{sequence:03d}"
            if seventeen not in self.taken:
                self.taken.add(seventeen)
                return seventeen + check_digit(seventeen)


class Population:
    """Makes the children of a plan, in a fixed order for a seed."""

    def __init__(self, plan, townships, schools):
        self.plan = plan
        self.rng = random.Random(f"{plan.seed}/{plan.pupils}/{plan.schools}/people")  # noqa: S311 - nothing secret: it has to repeat
        self.numbers = Numbers(self.rng)
        self.villages = [village for township in townships for village in township.villages]
        self.named = set()
        self.twins = 0
        self.households_of = defaultdict(int)
        self.schools_of = defaultdict(list)
        for school in schools:
            for stage in school.stages:
                self.schools_of[stage].append(school)
                self.schools_of[stage, school.township].append(school)
        self.weights = STAGE_WEIGHTS | ({SPE: SPECIAL_SHARE} if self.schools_of[SPE] else {})

    def make(self) -> list[Child]:
        children = []
        while len(children) < self.plan.pupils:
            household = self.make_household()
            wanted = min(self.rng.choice(CHILDREN_OF_A_HOUSEHOLD), self.plan.pupils - len(children))
            siblings = [self.make_child(household) for _ in range(wanted)]
            if wanted > 1 and (not self.twins or self.rng.random() < TWIN_SHARE):
                self.make_twins(*siblings[:2])
            children += siblings
        self.seat(children)
        return children

    def make_household(self) -> Household:
        village = self.rng.choice(self.villages)
        self.households_of[village.code] += 1
        ethnic = self.rng.choices(names.ETHNIC_GROUPS, names.ETHNIC_WEIGHTS)[0]
        family = names.surname(self.rng, ethnic)
        head = names.full_name(self.rng, ethnic, family)
        return Household(f"{village.code}{self.households_of[village.code]:04d}", village, ethnic, family, head)

    def make_child(self, household: Household) -> Child:
        sex = self.rng.choice("男女")
        stage = self.rng.choices(list(self.weights), list(self.weights.values()))[0]
        grade = Grade(stage, self.rng.randint(1, STAGE_LENGTH[stage]))
        birth = self.birth_for(grade)
        return Child(
            number=self.numbers.take(birth, sex), name=self.new_name(household, birth), sex=sex, birth=birth, household=household,
            relation=self.rng.choice(RELATIONS[sex]), grade=grade, school=self.school_for(stage, household.village.township),
            guardian=names.full_name(self.rng, household.ethnic, household.family), guardian_relation=self.rng.choice(GUARDIANS),
            phone=f"12{self.rng.randrange(10**9):09d}", left_behind=self.rng.random() < 0.12,
        )  # fmt: skip

    def new_name(self, household: Household, birth: date) -> str:
        """A name that nobody born on that day has: only the planted pair shares both."""
        while True:
            name = names.full_name(self.rng, household.ethnic, household.family)
            if (name, birth) not in self.named:
                self.named.add((name, birth))
                return name

    def birth_for(self, grade: Grade) -> date:
        """Of school age for the grade by the cut-off of 31 August; a few started late or early."""
        through = FIRST_GRADE[grade.stage] + grade.year - 1
        birth = date(self.plan.start_year - 6 - through, 9, 1) + timedelta(days=self.rng.randrange(365))
        shift = self.rng.random()
        if shift < 0.04:
            birth -= timedelta(days=self.rng.randint(1, 300))
        elif shift < 0.06:
            birth += timedelta(days=self.rng.randint(1, 120))
        return birth

    def school_for(self, stage: str, township: str) -> School:
        near = self.schools_of.get((stage, township))
        return self.rng.choice(near if near and self.rng.random() < NEAR_SCHOOL_SHARE else self.schools_of[stage])

    def make_twins(self, elder: Child, younger: Child) -> None:
        """The same day, the same class, numbers close together: two children all the same."""
        younger.birth, younger.grade, younger.school = elder.birth, elder.grade, elder.school
        younger.number = self.numbers.take(younger.birth, younger.sex)
        younger.name = self.new_name(younger.household, younger.birth)
        elder.twin = younger.twin = True
        self.twins += 1

    def seat(self, children: list[Child]) -> None:
        """Classes of at most CLASS_SIZE, twins together, boarders in boarding schools."""
        classes = defaultdict(list)
        for child in children:
            classes[child.school.code, child.grade].append(child)
        for pupils in classes.values():
            count = -(-len(pupils) // CLASS_SIZE)
            for index, child in enumerate(pupils):
                child.class_number = index * count // len(pupils) + 1
                child.boarding = child.school.boarding and self.rng.random() < 0.6
