"""Divisions and schools of the invented county 示范县 990101."""

from dataclasses import dataclass
from itertools import product

from students.rules.codes import SCHOOL_KINDS

REGION = "990101"
COUNTY_CODE, COUNTY_NAME = REGION + "000000", "示范县"
FIRST_PARTS, SECOND_PARTS = "东西南北上下前后新大", "河山岭川原沟坪泉"
CLANS = "王李张刘陈杨赵黄周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许邓韩冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石"
HAMLETS = ("家庄村", "家村", "家屯村", "家堡村", "家湾村", "家坪村")
CODE_TYPE = {
    "kindergarten": "11",
    "primary": "21",
    "teaching_point": "21",
    "junior": "31",
    "nine_year": "31",
    "senior": "34",
    "special": "51",
}
CODE_TYPE |= {"complete_secondary": "34", "vocational": "36"}
COUNTY_SEAT_KINDS = ("senior", "vocational", "special", "complete_secondary")
BOARDING_KINDS = ("junior", "nine_year", "senior", "vocational", "special", "complete_secondary")
SCHOOL_ENDINGS = {
    "kindergarten": "幼儿园", "primary": "小学", "junior": "初级中学", "nine_year": "九年制学校", "senior": "高级中学",
    "vocational": "职业技术学校",
    "special": "特殊教育学校", "complete_secondary": "完全中学",
}  # fmt: skip
NUMERALS = ("", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十")


@dataclass(frozen=True)
class Village:
    code: str
    name: str
    township: str


@dataclass(frozen=True)
class Township:
    code: str
    name: str
    villages: tuple[Village, ...]


@dataclass(frozen=True)
class School:
    """``kind`` is a key of codes.SCHOOL_KINDS; ``parent`` the code of the school a teaching point belongs to, else empty."""

    code: str
    name: str
    kind: str
    township: str
    parent: str = ""

    @property
    def stages(self) -> tuple[str, ...]:
        return SCHOOL_KINDS[self.kind].stages

    @property
    def boarding(self) -> bool:
        return self.kind in BOARDING_KINDS


def make_townships(plan) -> list[Township]:
    """One township for about nine schools, three at least; villages of about a hundred children."""
    count = max(3, min(60, plan.schools // 9))
    villages = max(4, min(30, plan.pupils // (count * 100)))
    names = ["".join(pair) for pair in product(FIRST_PARTS, SECOND_PARTS)]
    step = 11  # neighbours in the list should not share their first character
    return [make_township(index, names[index * step % len(names)], villages) for index in range(count)]


def make_township(index: int, name: str, villages: int) -> Township:
    is_town = index % 4 != 3
    code = f"{REGION}{100 + index if is_town else 200 + index}000"
    made = [
        Village(f"{code[:9]}{200 + number}", CLANS[(index * villages + number) % len(CLANS)] + HAMLETS[number % len(HAMLETS)], code)
        for number in range(villages)
    ]
    return Township(code, name + ("镇" if is_town else "乡"), tuple(made))


def school_mix(count: int) -> dict[str, int]:
    """How many schools of each kind; half of them primary. Rarer kinds come with the size of the county."""
    mix = {
        "kindergarten": count // 4, "junior": max(1, count // 8), "nine_year": max(1, count // 20), "senior": max(1, count // 27),
        "vocational": max(1, count // 40), "complete_secondary": count // 80, "special": count // 40 and 1,
        "teaching_point": count // 20 if count >= 40 else 0,
    }  # fmt: skip
    return {"primary": count - sum(mix.values())} | mix


def make_schools(plan, townships: list[Township]) -> list[School]:
    """Schools in the order of their serial; a teaching point comes after the primary school it belongs to."""
    schools, in_township = [], {}
    for kind, count in school_mix(plan.schools).items():
        for index in range(count):
            township = townships[0] if kind in COUNTY_SEAT_KINDS else townships[index % len(townships)]
            code = f"{CODE_TYPE[kind]}99{len(schools) + 1:06d}"
            if kind == "teaching_point":
                schools.append(make_teaching_point(code, township, index, schools))
                continue
            place = in_township[kind, township.code] = in_township.get((kind, township.code), 0) + 1
            schools.append(School(code, school_name(kind, township, place), kind, township.code))
    return schools


def make_teaching_point(code: str, township: Township, index: int, schools: list[School]) -> School:
    parent = next(school for school in schools if school.kind == "primary" and school.township == township.code)
    village = township.villages[index // 7 % len(township.villages)]
    return School(code, f"{township.name}{village.name}教学点{index + 1}", "teaching_point", township.code, parent.code)


def school_name(kind: str, township: Township, place: int) -> str:
    if kind in COUNTY_SEAT_KINDS:
        return (
            COUNTY_NAME
            + (f"第{numeral(place)}" if kind in ("senior", "complete_secondary") else numeral(place)[: place - 1])
            + SCHOOL_ENDINGS[kind]
        )
    ordinal = ("中心" if kind in ("primary", "kindergarten") else "") if place == 1 else f"第{numeral(place)}"
    return township.name + ordinal + SCHOOL_ENDINGS[kind]


def numeral(number: int) -> str:
    """Chinese numeral of 1 to 99."""
    tens, ones = divmod(number, 10)
    return (NUMERALS[tens] if tens > 1 else "") + ("十" if tens else "") + NUMERALS[ones]
