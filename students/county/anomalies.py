"""Gives some children the ways in which lists contradict each other; afterwards a child's fields say what is true of it."""

import random
from dataclasses import replace
from datetime import date

from students.county.population import Child, Population
from students.rules.grades import JUN, PRI, Grade
from students.rules.identity import birth_of, check_digit

AWAY, DIED, MOVED, TWICE = "区外就读", "死亡", "户籍迁出", "重复户籍"
HOME, DROPPED, LATE, FINISHED = "送教上门", "辍学", "延缓入学", "已初中毕业"
IN_NEITHER = (AWAY, DIED, MOVED, TWICE, HOME, DROPPED, LATE, FINISHED)  # neither on the roll nor in a classroom
NOT_ATTENDING, NOT_ON_ROLL, FOREIGN = "在籍不在校", "在校不在籍", "外县户籍"
DOUBLE_ROLL, TYPO, OTHER_SPELLING, CANCELLED = "双重学籍", "证件号错误", "姓名写法不同", "户籍已注销"
CHECK_DIGIT, SUBSTITUTION, TRANSPOSITION = "校验位错", "一位错", "相邻两位颠倒"
TYPOS = (CHECK_DIGIT, SUBSTITUTION, TRANSPOSITION)
NAMESAKES, TWINS = "同名同生日", "双胞胎"
CANCELLED_STATES = ("死亡", "迁出", "注销")
FOREIGN_REGIONS = ("990102", "990103", "990201")
LIKELY_GRADE = {LATE: Grade(PRI, 1), FINISHED: Grade(JUN, 3)}


class Anomalies:
    """``groups``: anomaly → children. Everybody gets at most one; twins get none, so that they stay an ordinary pair."""

    def __init__(self, plan, population: Population, children: list[Child]):
        self.plan, self.population = plan, population
        self.rng = random.Random(f"{plan.seed}/{plan.pupils}/{plan.schools}/anomalies")  # noqa: S311 - nothing secret: it has to repeat
        self.groups: dict[str, list[Child]] = {TWINS: [child for child in children if child.twin]}
        self.pool = [child for child in children if child.grade.stage in (PRI, JUN) and not child.twin]
        self.rng.shuffle(self.pool)

    def plant(self) -> dict[str, list[Child]]:
        for kind in IN_NEITHER:
            for child in self.take(kind, self.plan.each):
                child.on_roll = child.attending = False
        for child in self.take(NOT_ATTENDING, self.plan.each):
            child.attending = False
        for child in self.take(NOT_ON_ROLL, self.plan.each):
            child.on_roll = False
        self.make_foreigners()
        self.enter_twice()
        self.mistype_numbers()
        self.spell_otherwise()
        self.cancel_registrations()
        self.make_namesakes()
        return self.groups

    def take(self, kind: str, count: int) -> list[Child]:
        """The next children of the pool, of the likely grade first where an anomaly has one."""
        wanted = LIKELY_GRADE.get(kind)
        chosen = [child for child in self.pool if child.grade == wanted][:count]
        chosen += [child for child in self.pool if child.grade != wanted][: count - len(chosen)]
        marked = set(map(id, chosen))
        self.pool = [child for child in self.pool if id(child) not in marked]
        for child in chosen:
            child.kind = kind
        self.groups[kind] = chosen
        return chosen

    def make_foreigners(self) -> None:
        """Registered in another county, at school here."""
        for child in self.take(FOREIGN, 3 * self.plan.each):
            child.registered = False
            child.number = self.population.numbers.take(child.birth, child.sex, self.rng.choice(FOREIGN_REGIONS))

    def enter_twice(self) -> None:
        """A second row of the roll, at another school of the same stage."""
        for child in self.take(DOUBLE_ROLL, self.plan.each):
            others = [school for school in self.population.schools_of[child.grade.stage] if school != child.school]
            child.second_school = self.rng.choice(others)

    def mistype_numbers(self) -> None:
        """At least one of each way to mistype; the wrong number is nobody's, because its check digit cannot fit."""
        for index, child in enumerate(self.take(TYPO, max(len(TYPOS), self.plan.each))):
            child.typed_number = mistype(self.rng, child.number, TYPOS[index % len(TYPOS)])

    def spell_otherwise(self) -> None:
        for index, child in enumerate(self.take(OTHER_SPELLING, self.plan.each)):
            child.typed_name = (child.name + "\u3000", f"{child.name[0]} {child.name[1:]}")[index % 2].replace("·", "•")

    def cancel_registrations(self) -> None:
        """The police list keeps the row and says so; such a person is nobody's missing child."""
        for index, child in enumerate(self.take(CANCELLED, self.plan.each)):
            child.registered = child.on_roll = child.attending = False
            child.registry_state = CANCELLED_STATES[index % len(CANCELLED_STATES)]

    def make_namesakes(self) -> None:
        """A dropout who shares name and birth date, but no number, with a pupil: nobody may be excused by a namesake."""
        dropout = self.groups[DROPPED][0]
        pupil = next(child for child in self.pool if child.grade == dropout.grade)
        self.pool.remove(pupil)
        dropout.name, dropout.birth = pupil.name, pupil.birth
        dropout.household = replace(dropout.household, ethnic=pupil.household.ethnic)
        dropout.number = self.population.numbers.take(dropout.birth, dropout.sex)
        self.groups[NAMESAKES] = [dropout, pupil]


def mistype(rng, number: str, how: str) -> str:
    """One substitution or one adjacent transposition away, the birth date inside still a date."""
    while True:
        typed = {CHECK_DIGIT: wrong_check_digit, SUBSTITUTION: wrong_digit, TRANSPOSITION: swapped}[how](rng, number)
        if typed != number and birth_of(typed) and check_digit(typed[:17]) != typed[17] and plausible(birth_of(typed)):
            return typed


def plausible(birth: date) -> bool:
    return 1990 <= birth.year <= 2019


def wrong_check_digit(rng, number: str) -> str:
    return number[:17] + rng.choice("0123456789")


def wrong_digit(rng, number: str) -> str:
    place = rng.randrange(8, 17)
    return number[:place] + rng.choice("0123456789") + number[place + 1 :]


def swapped(rng, number: str) -> str:
    place = rng.randrange(8, 16)
    return number[:place] + number[place + 1] + number[place] + number[place + 2 :]
