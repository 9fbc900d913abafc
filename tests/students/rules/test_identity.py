from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.spreadsheets.cells import Number
from students.rules import identity


@pytest.mark.parametrize(
    ("raw", "form", "birth", "sex"),
    [
        ("11010519491231002X", "resident", date(1949, 12, 31), "2"),
        ("990101188001010015", "resident", date(1880, 1, 1), "1"),
        ("99010120120901123X", "resident", date(2012, 9, 1), "1"),
        ("99010120120901123x", "resident", date(2012, 9, 1), "1"),
        ("990101201008310014", "resident", date(2010, 8, 31), "1"),
        ("990101201101150027", "resident", date(2011, 1, 15), "2"),
        ("990101201602290044", "resident", date(2016, 2, 29), "2"),
        ("990101201012310033", "resident", date(2010, 12, 31), "1"),
        ("990101201012310034", "resident_bad_check", date(2010, 12, 31), "1"),
        ("990101201002300019", "resident_bad_date", None, "1"),
    ],
)
def test_numbers_of_the_reference(raw, form, birth, sex):
    number = identity.normalise_number(raw)
    assert (number.text, number.form) == (raw.upper(), form)
    assert identity.birth_of(number.text) == birth
    assert identity.sex_of(number.text) == sex
    assert bool(number.warnings) is (form != "resident")


def test_fifteen_digits_are_converted_and_the_raw_is_kept():
    number = identity.normalise_number("990101670401001")
    assert (number.text, number.form, number.raw) == ("990101196704010011", "resident", "990101670401001")
    assert number.warnings == ("15 位旧号码已换算为 18 位",)
    assert identity.normalise_number("990101671301001").form == "unreadable"


@pytest.mark.parametrize(
    "raw",
    [
        "Ｇ99010120120901123X", "' 99010120120901123X", "G99010120120901123X", "９９０１０１２０１２０９０１１２３Ｘ",
        "9901 0120 1209 0112 3X",
        "\u200b99010120120901123X\u200b", "99010120120901123\u0425", "99010120120901123×", "\u300099010120120901123X",
        "L99010120120901123x",
    ],
)  # fmt: skip
def test_typing_is_undone_with_a_warning(raw):
    number = identity.normalise_number(raw)
    assert (number.text, number.form) == ("99010120120901123X", "resident")
    assert number.warnings


def test_plain_spaces_around_are_nothing_to_warn_about():
    assert identity.normalise_number(" 99010120120901123X\t").warnings == ()


@pytest.mark.parametrize(
    ("raw", "form", "kind"),
    [
        ("H12345678", "other_document", "港澳居民来往内地通行证"), ("M1234567890", "other_document", "港澳居民来往内地通行证"),
        ("12345678", "other_document", "台湾居民来往大陆通行证"), ("ABC123456789012", "other_document", "外国人永久居留身份证"),
        ("E12345678", "other_document", "护照"), ("99010120120901123X", "resident", "居民身份证"),
        ("无", "unreadable", ""), ("9901012012090112", "unreadable", ""), ("99010120120901123XX", "unreadable", ""),
        ("", "empty", ""), ("　", "empty", ""),
    ],
)  # fmt: skip
def test_other_documents(raw, form, kind):
    number = identity.normalise_number(raw)
    assert number.form == form
    assert identity.document_kind(number.text) == kind
    assert number.usable is (form not in ("unreadable", "empty"))


def test_a_flawed_number_says_why():
    assert "应为 3" in identity.normalise_number("990101201012310034").warnings[0]
    assert "17 位" in identity.normalise_number("99010120120901123").warnings[0]
    assert "20100230" in identity.normalise_number("990101201002300019").warnings[0]


@pytest.mark.parametrize(
    ("cell", "lost"),
    [
        ("9.9010120120901E+17", True), (Number(9.90101200807150e17), True), (Number(990101200807150100), True),
        ("990101200807150000", True),
        ("９９０１０１２００８０７１５００００", True), ("990101201101150027", False), ("990101201012310034", False),
        ("99010120120901123X", False),
        (Number(62284800), False), ("", False),
    ],
)  # fmt: skip
def test_lost_digits(cell, lost):
    assert identity.lost_digits(cell) is lost


def test_a_true_number_that_ends_in_000_is_not_lost():
    births = (f"{year}0101" for year in range(2000, 2020))
    number = next(f"990101{birth}1000" for birth in births if identity.check_digit(f"990101{birth}100") == "0")
    assert not identity.lost_digits(number)


@pytest.mark.parametrize("text", ["1234", "9901012012090112X", "99010120120901123a", "９９０１０１２０１２０９０１１２３"])
def test_check_digit_needs_seventeen_digits(text):
    with pytest.raises(ValueError, match="17 位"):
        identity.check_digit(text)


@pytest.mark.parametrize(
    ("a", "b", "apart"),
    [
        ("1234", "1234", False), ("1234", "1235", True), ("1234", "1243", True), ("1234", "2134", True), ("1234", "1432", False),
        ("1234", "2143", False), ("1234", "1255", False), ("1234", "12344", False), ("", "", False), ("12", "34", False),
    ],
)  # fmt: skip
def test_one_edit_apart(a, b, apart):
    assert identity.one_edit_apart(a, b) is identity.one_edit_apart(b, a) is apart


@given(st.text("0123456789", min_size=17, max_size=17), st.integers(0, 16), st.integers(1, 9))
def test_a_substituted_digit_never_keeps_the_check_digit(first17, place, shift):
    changed = first17[:place] + str((int(first17[place]) + shift) % 10) + first17[place + 1 :]
    assert identity.check_digit(changed) != identity.check_digit(first17)
    assert identity.one_edit_apart(first17, changed)


@pytest.mark.parametrize("raw", ["G99010120120901123X", "L990101201101150027", "J990101201012310033", "g99010120120901123x"])
def test_good_roll_numbers(raw):
    assert identity.normalise_roll_number(raw) == (raw.upper(), ())


@pytest.mark.parametrize("raw", ["G99010120120901123", "X99010120120901123X", "99010120120901123X"])
def test_bad_roll_numbers_keep_their_text(raw):
    text, warnings = identity.normalise_roll_number(raw)
    assert text == raw
    assert "格式不对" in warnings[0]


def test_a_roll_number_may_differ_from_the_identity_number():
    assert identity.normalise_roll_number("G99010120120901123X")[1] == ()
    assert "允许" in identity.roll_number_differs("G99010120120901123X", "990101201209011248")
    assert identity.roll_number_differs("G99010120120901123X", "99010120120901123X") == ""


@pytest.mark.parametrize(
    ("raw", "category", "level", "problem"),
    [
        ("99010120120901123X43", "4", "3", ""), ("99010120120901123X23", "2", "3", ""), ("99010120120901123x43B1", "4", "3", ""),
        ("99010120120901123X84", "8", "4", "残疾类别 8"), ("99010120120901123X45", "4", "5", "残疾等级 5"),
    ],
)  # fmt: skip
def test_disability_cards(raw, category, level, problem):
    card = identity.parse_card(raw)
    assert (card.number, card.category, card.level) == ("99010120120901123X", category, level)
    assert card.problem.startswith(problem)
    assert bool(card.problem) is bool(problem)


def test_a_card_of_somebody_else_or_none_at_all():
    assert "不同" in identity.parse_card("99010120120901123X43", holder="990101201101150027").problem
    assert identity.parse_card("99010120120901123X43", holder="99010120120901123X").problem == ""
    assert "为空" in identity.parse_card("").problem
    assert "格式不对" in identity.parse_card("99010120120901123X4").problem


@pytest.mark.parametrize(
    ("raw", "province", "warned"),
    [
        ("2161000123", "61", ""), ("3162012300", "62", ""), ("3162012300", "61", "第 3–4 位"), ("9961000123", "61", "前两位 99"),
        ("216100012", "61", "10 位数字"), ("", "61", ""),
    ],
)  # fmt: skip
def test_school_codes(raw, province, warned):
    text, warnings = identity.check_school_code(raw, province)
    assert text == raw
    assert [warned in warning for warning in warnings] == ([True] if warned else [])
