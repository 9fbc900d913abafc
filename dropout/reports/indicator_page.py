"""The indicators as pages and workbooks show them: all at a glance, one by dimension, the names behind a figure."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from core.spreadsheets import Column, SheetOut, write_workbook
from dropout.reports import indicators as report
from students import statuses
from students.dimensions import DIMENSIONS, in_order, words_of
from students.models import Child
from students.reports import children as listing
from students.reports import indicator_needs as needs
from students.rules.ages import MODES
from students.rules.indicators import MISSING, Rate

NAME_COLUMNS = listing.chosen_columns(["sex", "birth", "number", "school", "grade", "township", "village"])
SIGNATURES = "填报单位（盖章）：＿＿＿＿＿＿　填报人：＿＿＿＿＿＿　负责人（签字）：＿＿＿＿＿＿　填报日期：＿＿年＿月＿日"
HEADS = (
    Column("指标", 20), Column("分组", 16), Column("分子是", 18), Column("分子", 10, "integer"), Column("分母是", 18),
    Column("分母", 10, "integer"), Column("率", 10), Column("期间", 24), Column("公式", 40), Column("说明", 40),
)  # fmt: skip


@dataclass(frozen=True)
class Question:
    """What the address asks: day, ages and rule of the account, within the person's scope."""

    ask: statuses.Ask

    @property
    def sentence(self):
        return f"{self.ask.on.isoformat()} · {self.ask.low}—{self.ask.high} 周岁（{MODES[self.ask.mode]}）"

    def query(self, **more):
        ask = self.ask
        given = {"on": ask.on.isoformat(), "low": ask.low, "high": ask.high, "mode": ask.mode}
        return urlencode(given | {key: value for key, value in more.items() if value is not None})

    def names_url(self, key, side, by="", value=""):
        return f"{reverse('dropout:indicator_names')}?{self.query(key=key, side=side, by=by, value=value)}"

    def detail_url(self, key, **more):
        return f"{reverse('dropout:indicator_detail')}?{self.query(key=key, **more)}"


def cell(question, row, rate, reason, by="", value=""):
    """One rate with the addresses of the names above and below its line; "—" and no figures where there is a reason."""
    if reason:
        return {"text": MISSING, "reason": reason, "rate": None}
    part_url, whole_url = (question.names_url(row.key, side, by, value) for side in ("part", "whole"))
    raw = rate.raw if rate.text != rate.raw else ""
    return {"text": rate.text, "raw": raw, "rate": rate, "part_url": part_url, "whole_url": whole_url}


def overview(question):
    """A line for each indicator, of all children in scope."""
    known = needs.known(question.ask.on)
    found = report.counted(question.ask, dimensions=())[""][""]
    return [
        {"indicator": row, "span": needs.span_words(row.span, known), "url": question.detail_url(row.key)}
        | cell(question, row, found[row.key], row.missing(known)) for row in report.INDICATORS
    ]  # fmt: skip


def detail(question, key, by):
    """One indicator by one dimension: its rows, its total, what it means."""
    row, known = report.INDICATOR[key], needs.known(question.ask.on)
    reason = row.missing(known)
    found = {} if reason else report.counted(question.ask, (row,), (by,))
    words = words_of(by, list(found.get(by, ())))
    rows = [
        {"name": words[value], **cell(question, row, found[by][value][key], None, by, value)}
        for value in in_order(by, words) if found[by][value][key].whole or found[by][value][key].part
    ]  # fmt: skip
    whole = found[""][""][key] if found else Rate(0, 0)
    return {
        "indicator": row, "span": needs.span_words(row.span, known), "reason": reason, "rows": rows,
        "total": {"name": "合计", **cell(question, row, whole, reason)},
    }  # fmt: skip


def write_indicators(target, question, indicators, note, unit):
    """A workbook: all at a glance, then a sheet for each dimension."""
    known, found = needs.known(question.ask.on), report.counted(question.ask, indicators)
    sheets = [_sheet("指标", question, unit, [_line(row, "合计", found[""][""][row.key], known) for row in indicators])]
    for by, label in DIMENSIONS.items():
        words = words_of(by, list(found[by]))
        held = [
            _line(row, words[value], found[by][value][row.key], known)
            for row in indicators if not row.missing(known)
            for value in in_order(by, words) if found[by][value][row.key].whole or found[by][value][row.key].part
        ]  # fmt: skip
        sheets.append(_sheet(f"按{label}", question, unit, held))
    write_workbook(target, sheets, note=note)


def _line(row, name, rate, known):
    reason = row.missing(known)
    figures = [MISSING] * 3 if reason else [rate.part, rate.whole, rate.text]
    raw = f"不封顶为 {rate.raw}。" if not reason and rate.raw != rate.text else ""
    return [row.label, name, row.words[0], figures[0], row.words[1], figures[1], figures[2], needs.span_words(row.span, known), row.formula,
            reason or raw + row.note]  # fmt: skip


def _sheet(name, question, unit, rows):
    return SheetOut(
        name=name, columns=HEADS, rows=rows, titles=(f"控辍保学指标（{name}）" if name != "指标" else "控辍保学指标", SIGNATURES),
        unit_line=f"单位：{unit}　{question.sentence}", frozen_columns=2,
    )  # fmt: skip


def told(question, lines):
    """The lines behind a figure as the page's rows: the child's cells and what stands beside the name."""
    children = Child.objects.filter(pk__in={pk for pk, _ in lines})
    facts = {child.pk: child for child in listing.with_present_facts(children, question.ask.on)}
    return [{"child": facts[pk], "item": item, "cells": listing.drawn_cells(facts[pk], NAME_COLUMNS)} for pk, item in lines]


def write_names(target, question, label, lines, note):
    """The names behind one figure; numbers stay masked."""
    columns = [*(Column(column.label, column.width) for column in NAME_COLUMNS), Column("事项", 40)]
    sheet = SheetOut(
        name="名单",
        columns=columns,
        rows=_name_rows(question, lines),
        titles=(f"{label}名单",),
        unit_line=question.sentence,
        frozen_columns=1,
    )
    write_workbook(target, [sheet], note=note)


def _name_rows(question, lines, chunk=1000):
    for start in range(0, len(lines), chunk):
        for row in told(question, lines[start : start + chunk]):
            yield [row["child"].name, *(part["text"] for part in row["cells"]), row["item"] or "—"]


def label_of(row, side, by, value):
    """适龄儿童入学率：已入学（东关镇）."""
    place = f"（{words_of(by, [value])[value]}）" if by else ""
    return f"{row.label}：{row.words[side == 'whole']}{place}"
