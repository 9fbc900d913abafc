from datetime import date

import pytest

from students.rules import values


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("是", True),
        ("√", True),
        ("有", True),
        ("1", True),
        ("Ｙ", True),
        ("否", False),
        ("无", False),
        ("0", False),
        ("n", False),
        (" ", None),
    ],
)
def test_yes_and_no(text, value):
    assert values.parse_yes_no(text) == (value, "")


def test_neither_yes_nor_no():
    assert "不是是或否" in values.parse_yes_no("也许")[1]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("寄宿", True),
        ("住校", True),
        ("住校生", True),
        ("是", True),
        ("2", True),
        ("走读", False),
        ("非寄宿生", False),
        ("否", False),
        ("", None),
    ],
)
def test_boarding(text, value):
    assert values.parse_boarding(text) == (value, "")


def test_the_digit_one_is_ambiguous_except_in_the_coded_column():
    assert "歧义" in values.parse_boarding("1")[1]
    assert values.parse_boarding_code("1") == (False, "")
    assert values.parse_boarding_code("住校") == (True, "")
    assert "不认识" in values.parse_boarding("火星")[1]


@pytest.mark.parametrize(
    ("text", "unit", "fen"),
    [
        ("312.5", "元", 31250), ("312.50元", "元", 31250), ("500元", "元", 50000), ("0.05万", "元", 50000), ("1,000.00", "元", 100000),
        ("１０００", "元", 100000),
        ("552.86925", "万元", 552869250), ("￥625", "元", 62500), ("-250", "元", -25000), ("0", "元", 0), ("", "元", None),
        ("312.500", "元", 31250),
    ],
)  # fmt: skip
def test_money_is_whole_fen(text, unit, fen):
    assert values.parse_money(text, unit) == (fen, "")


@pytest.mark.parametrize("text", ["1,00", "312.505", "五百", "500/月", "1.2.3", "1e3", "500+400"])
def test_doubtful_money_is_refused(text):
    value, problem = values.parse_money(text)
    assert value is None
    assert text in problem


@pytest.mark.parametrize("text", ["201809", "2018-09", "2018.9", "2018年9月", "2018-09-15", "20180901"])
def test_year_and_month(text):
    assert values.parse_year_month(text) == (date(2018, 9, 1), "")


def test_no_such_month():
    assert "不认识" in values.parse_year_month("201813")[1]
    assert "不认识" in values.parse_year_month("去年秋天")[1]
    assert values.parse_year_month("") == (None, "")


@pytest.mark.parametrize(
    ("text", "phones", "rest"),
    [
        ("13812345678", ["13812345678"], []), ("138 1234 5678/139-1234-5678", ["13812345678", "13912345678"], []),
        ("+86 13812345678", ["13812345678"], []),
        ("0917-3261234", ["0917-3261234"], []), ("13812345678、无", ["13812345678"], ["无"]), ("", [], []),
        ("1381234567", [], ["1381234567"]),
    ],
)  # fmt: skip
def test_phones(text, phones, rest):
    assert values.split_phones(text) == (phones, rest)


@pytest.mark.parametrize(("text", "ditto"), [("同上", True), ("〃", True), (" 同上 ", True), ("张三", False), ("", False)])
def test_ditto(text, ditto):
    assert values.is_ditto(text) is ditto
