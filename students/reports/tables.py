"""The statutory tables beside the account (domain.md §1.2 E, §3.3, §11.1–11.4, §11.9): what each is, and those written from the account.

A table gathers its rows once for all books and writes them book by book; it is left out of a book in which it has none, the ledgers
excepted.
"""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from core.models import Organization
from core.spreadsheets import Column, SheetOut
from students.reports import ledger_lines
from students.reports.ledger_lines import NAME_COLUMNS, cells_of
from students.rules import ages
from students.rules.statuses import LEDGERS, UNEXPLAINED
from students.statuses import HOMES


@dataclass(frozen=True)
class Source:
    """What tables are gathered from: the question, the level of the books, the account's lines, {child id: key of its book}."""

    ask: object
    level: str
    lines: list
    books: dict
    inside: frozenset | None = None  # ids of the schools below the node that was asked for; None where it is no school's

    def key_of(self, child, school=None, class_node=None):
        """The book of a fact that stands at a school, whichever school the child sits in today; by home where books are of homes."""
        if self.level == "school":
            return school
        return class_node if self.level == "class" else self.books.get(child)

    def belongs(self, child, school=None, class_node=None):
        """Whether a fact of the child, which stands at a school, is within scope and within the node that was asked for."""
        node = self.ask.node
        if child not in self.books or node is None or node.kind in HOMES:
            return child in self.books
        return class_node == node.pk if node.kind == "class" else school in self.inside

    def grouped(self, rows):
        """{key: rows} of (key, row) pairs."""
        found = defaultdict(list)
        for key, row in rows:
            found[key].append(row)
        return found


def source_of(ask, level):
    """All that tables are gathered from; two statements."""
    inside = frozenset(Organization.objects.filter(path__contains=[ask.node.pk]).values_list("pk", flat=True)) if ask.node else None
    return Source(ask, level, ledger_lines.lines_of(ask), ledger_lines.books_of(ask, level), inside)


@dataclass(frozen=True)
class Table:
    """`gather(source)` → {key: rows}; `sheet(rows, frame)` → SheetOut; `missing(known)`: why it cannot be told, None where it can.
    `always`: written although it is empty. `about`: what it holds, for the page."""

    key: str
    title: str
    about: str
    gather: Callable
    sheet: Callable
    missing: Callable = lambda known: None
    always: bool = False


def _ledger(title, chosen):
    def gather(source):
        return source.grouped((source.books.get(line.id), line) for line in source.lines if chosen is None or line.status in chosen)

    def sheet(rows, frame):
        total = ["合计", f"{len(rows)} 人", *[""] * (len(NAME_COLUMNS) - 2)]
        return SheetOut(title, NAME_COLUMNS, map(cells_of, rows), titles=frame.titles(title), unit_line=frame.unit(), total=total,
                        frozen_columns=5)  # fmt: skip

    return gather, sheet


def everybody(source):
    return source.grouped((source.books.get(line.id), line) for line in source.lines)


WHERE = (  # columns of 4①: (heading, parent, statuses)
    ("县内", "在校", ("in_school", "in_school_unrolled", "special_school", "returned")), ("县外", "在校", ("elsewhere",)),
    ("送教", "去向", ("home_teaching",)), ("休学", "去向", ("suspended",)), ("缓学", "去向", ("deferred",)), ("辍学", "去向", ("dropout",)),
    ("疑似、未说明", "去向", ("suspected", *UNEXPLAINED)), ("其他", "去向", ("graduated", "unable", "removed")),
)  # fmt: skip


def age_table(rows, frame):
    """户籍适龄儿童少年统计表 (4①): village × age, 男 女 计, and where they are."""
    ask = frame.ask
    on = ask.on if ask.mode == ages.POINT else ask.on.replace(year=ages.school_year(ask.on), month=8, day=31)
    years, counted, whole = range(ask.low, ask.high + 1), {}, Counter()
    for row in rows:
        of = counted.setdefault((row.township or "", row.village or "未落村"), Counter())
        age = ages.age(row.birth_on, on)
        for key in ((age, row.sex), (age, "all"), ("status", row.status), "all"):
            of[key] += 1
            whole[key] += 1
    columns = [Column("村（社区）", 18), Column("合计", 8, "integer")]
    columns += [Column(word, 5, "integer", parent=f"{year}岁") for year in years for word in ("男", "女", "计")]
    columns += [Column(label, 8, "integer", parent=parent) for label, parent, _ in WHERE]

    def figures(of):
        by_age = [of[year, sex] for year in years for sex in ("1", "2", "all")]
        return [of["all"], *by_age, *(sum(of["status", code] for code in chosen) for _, _, chosen in WHERE)]

    body = ([f"{township} {village}".strip(), *figures(of)] for (township, village), of in sorted(counted.items()))
    title = f"{ask.low}—{ask.high}岁户籍适龄儿童少年统计表"
    return SheetOut("适龄统计表", columns, body, titles=frame.titles(title), unit_line=frame.unit(), total=["合计", *figures(whole)],
                    foot=("每人只在一个去向；各去向之和等于合计。",), frozen_columns=1)  # fmt: skip


REASON_CODES = ("01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12", "13", "14", "15", "16", "17", "18", "19", "99")
CODE_WORDS = (
    "本县就读", "省内县外", "省外", "县外无籍", "死亡", "户籍迁出", "户籍问题", "超龄", "初中毕业", "出国境", "不具备条件", "送教", "休学", "缓学",
    "未达年龄", "专门学校", "福利康复", "失踪", "中职", "其他",
)  # fmt: skip
CODE_OF_STATUS = {"graduated": "09", "unable": "11", "home_teaching": "12", "suspended": "13", "deferred": "14"}
UNCLEAR = ("suspected", "dropout", *UNEXPLAINED)


def _removal_code(line):
    """The code of §3.5 under which a child counts as struck off: of what a person or a list stated; "" for one it does not say."""
    return line.reason[:2] or CODE_OF_STATUS.get(line.status, "")


def removals(source):
    """Whom a stated reason explains, and who is not cleared up."""
    found = (line for line in source.lines if line.status in UNCLEAR or line.source and line.status not in ("special_school", "returned"))
    return source.grouped((source.books.get(line.id), line) for line in found)


def removal_table(rows, frame):
    """核减汇总表: township × reasons 01–99 of §3.5, and who is not cleared up (失联 stays there: it is no removal)."""
    counted = {}
    for row in rows:
        word = "unclear" if row.status in UNCLEAR else _removal_code(row) or "none"
        counted.setdefault(row.township or "未落乡镇", Counter())[word] += 1
    keys = (*REASON_CODES, *(["none"] if any(of["none"] for of in counted.values()) else []))
    words = [f"{code} {word}" for code, word in zip(REASON_CODES, CODE_WORDS, strict=True)] + ["未注明代码"] * (
        len(keys) - len(REASON_CODES)
    )
    columns = [Column("乡镇", 14), *(Column(word, 8, "integer", parent="核减原因") for word in words)]
    columns += [Column("合计", 8, "integer"), Column("未核清", 8, "integer")]
    body = [[township, *(of[key] for key in keys), sum(of[key] for key in keys), of["unclear"]] for township, of in sorted(counted.items())]
    total = ["合计", *(sum(line[index] for line in body) for index in range(1, len(columns)))]
    foot = ("失联（90）不是核减，计入未核清。未核清：疑似、确认辍学和去向未说明的。",)
    return SheetOut(
        "核减汇总表", columns, body, titles=frame.titles("核减汇总表"), unit_line=frame.unit(), total=total, foot=foot, frozen_columns=1
    )


def _three():
    abouts = {
        "age": "每名户籍适龄儿童一行，含去向、来源和日期",
        "suspected": "疑似辍学和去向未说明的儿童",
        "dropout": "确认辍学、还没有返校的儿童",
    }
    return [Table(key, title, abouts[key], *_ledger(title, chosen), always=True) for key, (title, chosen) in LEDGERS.items()]


OF_LINES = (
    *_three(),
    Table(
        "age_table",
        "户籍适龄儿童少年统计表（4①）",
        "村 × 年龄 × 性别，在校（县内、县外）、送教、休学、缓学、辍学、其他",
        everybody,
        age_table,
    ),
    Table("removal_table", "核减汇总表", "乡镇 × 核减原因 01—99，合计，未核清", removals, removal_table),
)
