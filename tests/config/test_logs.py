"""Logs hold no child: numbers are masked, query strings are cut, local variables stay out."""

import json
import logging
import sys

import pytest
from django.test import RequestFactory

from config.logs import JsonFormatter, masked

NUMBER = "990101201203040017"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (f"身份证 {NUMBER} 重复", "身份证 9***7 重复"),
        ("99010120120304001X", "9***X"),
        ({"a": ["622202" + "1" * 13]}, {"a": ["6***1"]}),
        ("电话 13800138000 没有接", "电话 138****8000 没有接"),
        ("20200301123456 1.13800138000", "20200301123456 1.13800138000"),
        ("2020-03-01 00000000", "2020-03-01 00000000"),
        ("x" * 4 + "1" * 32, "xxxx" + "1" * 32),
    ],
)
def test_long_numbers(said, kept):
    assert masked(said) == kept


def written(record: logging.LogRecord) -> dict:
    return json.loads(JsonFormatter().format(record))


def test_a_line_is_json_without_numbers():
    record = logging.LogRecord("x", logging.WARNING, __file__, 1, "row %s", (NUMBER,), None)
    line = written(record)
    assert line["event"] == "row 9***7"
    assert line["level"] == "warning"


@pytest.mark.parametrize(
    ("request_said", "kept"),
    [("GET /children/?q=张三丰", "GET /children/"), (RequestFactory().get("/children/?q=张三丰"), "/children/")],
    ids=["ours", "Django's"],
)
def test_a_query_string_is_cut(request_said, kept):
    record = logging.LogRecord("x", logging.WARNING, __file__, 1, "slow", (), None)
    record.request = request_said
    assert written(record)["request"] == kept


def test_local_variables_stay_out():
    child = "张三丰"
    try:
        raise ValueError(len(child))
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, __file__, 1, "failed", (), sys.exc_info())
    line = JsonFormatter().format(record)
    assert "ValueError" in line
    assert "test_local_variables_stay_out" in line
    assert child not in line
