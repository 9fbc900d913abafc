"""The account by status as pages and workbooks show it: the equation, a row for each place, the names with source and day."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.urls import reverse

from core.models import Organization
from core.scope import granted_nodes
from students import statuses
from students.models import Section
from students.rules.ages import MODES
from students.rules.standings import SOURCES, full_label
from students.rules.statuses import STATUS_LIST, STATUSES, UNEXPLAINED

PERMISSION = "see_account"
BELOW = {"": "township", "bureau": "township", "township": "village", "village": "group", "education_group": "school", "school": "class"}
SOURCE_WORDS = dict(SOURCES) | {"list": "名单"}


@dataclass(frozen=True)
class Question:
    """What the page asks: the account's question, by which level, of which statuses."""

    ask: statuses.Ask
    level: str

    def query(self, **more):
        ask = self.ask
        given = {"on": ask.on.isoformat(), "low": ask.low, "high": ask.high, "mode": ask.mode, "level": self.level}
        if ask.node:
            given["node"] = ask.node.public_id
        return urlencode(given | {key: value for key, value in more.items() if value})

    def names_url(self, status="", **more):
        return f"{reverse('students:status_names')}?{self.query(status=status, **more)}"

    @property
    def sentence(self):
        return f"{self.ask.on.isoformat()} · {self.ask.low}—{self.ask.high} 周岁（{MODES[self.ask.mode]}）"


def question_of(ask, level, user):
    ask = replace(ask, nodes=tuple(granted_nodes(user, PERMISSION)))
    usual = BELOW.get(ask.node.kind if ask.node else "", "township")
    return Question(ask, level if level in statuses.LEVELS else usual)


def parts(question, found):
    """The equation's parts: every status that somebody has, each with its names."""
    return [
        {"label": status.label, "figure": found.by_status[status.code], "tone": status.tone, "url": question.names_url(status.code),
         "explained": status.explained}
        for status in STATUS_LIST
        if found.by_status[status.code]
    ]  # fmt: skip


def shown_statuses(found):
    return [status for status in STATUS_LIST if found.by_status[status.code]]


def whole(question):
    """(the account, {place: {status: children}}) of what is asked."""
    return statuses.counted_whole(question.level, question.ask)


def rows(question, found, counted):
    """One row for each place of the level; the children without such a place stand in a last row, so that the sum is the county's."""
    named = _names(question.level, [key for key in counted if key is not None])
    order = sorted(counted, key=lambda key: (key is None, named.get(key, ("", "", ""))[0]))
    return [_row(question, key, named, counted[key], shown_statuses(found)) for key in order]


def _names(level, keys):
    """{key: (order, name, address parameter)} of nodes or sections."""
    if level == "section":
        found = Section.objects.filter(pk__in=keys).select_related("school")
        words = {row.pk: f"{row.school.name}{row.get_stage_display()}部" for row in found}
        return {row.pk: (f"{row.school.code}{row.stage}", words[row.pk], {"section": row.pk}) for row in found}
    found = Organization.objects.filter(pk__in=keys).select_related("parent")
    return {row.pk: (row.code, _node_name(row), {"node": row.public_id}) for row in found}


def _node_name(node):
    return f"{node.parent.name} {node.name}" if node.kind in ("class", "group") and node.parent else node.name


def _row(question, key, named, counted, shown):
    _, name, place = named.get(key, ("", f"未落到{statuses.LEVELS[question.level][1]}", {"unplaced": question.level}))
    cells = [{"figure": sum(counted.values()), "url": question.names_url(**place)}]
    cells += [
        {"figure": counted[status.code], "url": question.names_url(status.code, **place), "late": not status.explained} for status in shown
    ]
    inside = BELOW.get(question.level)
    url = f"?{question.query(**place, level=inside)}" if key is not None and inside and "node" in place else ""
    return {"name": name, "url": url, "cells": cells, "waiting": any(counted[code] for code in UNEXPLAINED)}


def label_of(status):
    return STATUSES[status].label if status else "户籍适龄"


def told(children, ask):
    """The children of one page, each with its status in words, where it comes from and since when."""
    facts = statuses.facts_of([child.pk for child in children], replace(ask, node=None, unplaced=None, section=None))
    return [{"child": child, **in_words(facts[child.pk])} for child in children if child.pk in facts]


def in_words(line):
    """Status, source and day of one line of the account."""
    status = STATUSES[line["status"]]
    if line["source"]:
        label = full_label(line["status"], line["reason"]) if line["status"] == "removed" else status.label
        source = SOURCE_WORDS[line["source"]] + (f" {line['document']}" if line["document"] else "")
        told = {"source": source, "since": line["since"], "place": line["place"]}
        return {"status": label, "code": status.code, "open": not status.explained} | told
    source = "在校花名册" if line["attending"] else "学籍库" if line["on_roll"] else "公安户籍"
    told = {"source": source, "since": line["listed_since"] or line["registered_since"], "place": ""}
    return {"status": status.label, "code": status.code, "open": not status.explained} | told
