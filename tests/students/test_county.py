"""The invented county against itself: its lists are read back and compared with the truth it tells, by another arithmetic."""

import json
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from core.spreadsheets import find_header, is_foot, lost_digits, read_date, read_workbook
from students.county import anomalies
from students.county.files import make_county
from students.county.places import make_schools, make_townships, school_mix
from students.county.plan import Plan
from students.imports.layouts import LAYOUTS
from students.rules import ages, codes, grades, identity, names

FILES = {
    "divisions": "行政区划", "schools": "学校名录", "roll": "学籍库", "hukou": "公安户籍", "attending": "在校学生花名册",
    "poverty": "乡村振兴-脱贫户监测户", "civil_affairs": "民政-低保特困孤儿", "disabled": "残联-残疾人证",
}  # fmt: skip
ON = date(2020, 3, 1)


def rows_of(folder, kind):
    """Rows of a list by field, as an importer sees them: the sheet with a header, without foot lines."""
    path = next(folder.glob(f"{FILES[kind]}.*"))
    for sheet in read_workbook(path, path.name):
        header = find_header(sheet.rows, LAYOUTS[kind].headings)
        if header:
            body = [row for row in sheet.rows[header.body_start :] if any(row) and not is_foot(row)]
            return [{field: row[index] for field, index in header.columns.items()} for row in body]
    raise AssertionError(f"no header in {path.name}")


@pytest.fixture(scope="module", params=["a", "b"])
def county(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(f"county-{request.param}")
    make_county(Plan(pupils=900, schools=40, seed=7, variant=request.param), folder)
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    return truth, {kind: rows_of(folder, kind) for kind in FILES}


def usable(row, schools):
    broken = lost_digits(row["number"]) or not row["name"].strip() or row["school_code"] not in schools
    return not broken and read_date(row["birth"]).date is not None


def pupils_on_roll(lists):
    schools = {row["school_code"] for row in lists["schools"]}
    rows = [row for row in lists["roll"] if usable(row, schools) and codes.parse_roll_state(row["state"])[0].counts]
    return [(names.name_key(row["name"]), read_date(row["birth"]).date, identity.normalise_number(row["number"]).text) for row in rows]


def test_the_parts_add_up(county):
    truth, _ = county
    for mode in ("point", "school_year"):
        balance = truth[f"balance_6_15_{mode}"]
        parts = ("on_roll_and_attending", "attending_not_on_roll", "on_roll_not_attending", "neither")
        assert balance["registered"] == sum(balance[part] for part in parts)
        assert balance["neither"] == sum(balance["neither_by_reason"].values())
        assert set(balance["neither_by_reason"]) <= set(anomalies.IN_NEITHER)
    assert truth["hukou_not_on_roll"] == truth["balance_6_15_point"]["attending_not_on_roll"] + truth["balance_6_15_point"]["neither"]


def test_the_lists_say_what_the_truth_says(county):
    truth, lists = county
    registered = {row["number"]: row for row in lists["hukou"] if codes.parse_registry_state(row["state"])[0].counts}
    on_roll = pupils_on_roll(lists)
    typed = {}
    for name, birth, number in on_roll:
        typed.setdefault((name, birth), []).append(number)
    present = [row for row in lists["attending"] if codes.parse_attending_state(row["state"])[0].counts]
    attending = {identity.normalise_number(row["number"]).text for row in present}
    for mode in ("point", "school_year"):
        first, last = ages.birth_range(mode, 6, 15, ON)
        counted = dict.fromkeys(("on_roll_and_attending", "attending_not_on_roll", "on_roll_not_attending", "neither"), 0)
        for number, row in registered.items():
            birth = read_date(row["birth"]).date
            if first <= birth <= last:
                likely = typed.get((names.name_key(row["name"]), birth), [])
                rolled = any(other == number or identity.one_edit_apart(other, number) for other in likely)
                part = ("neither", "attending_not_on_roll", "on_roll_not_attending", "on_roll_and_attending")[
                    2 * rolled + (number in attending)
                ]
                counted[part] += 1
        assert counted == {part: truth[f"balance_6_15_{mode}"][part] for part in counted}


def test_the_sizes_are_those_of_the_files(county):
    truth, lists = county
    assert truth["roll_rows"] == len(lists["roll"])
    assert truth["hukou_rows"] == len(lists["hukou"])
    assert truth["hukou_persons"] == len({row["number"] for row in lists["hukou"]})
    assert truth["attending_rows"] == len(lists["attending"])
    assert truth["poor_students"] == len(lists["poverty"])
    assert sum(truth["civil_affairs"].values()) == len(lists["civil_affairs"])
    assert truth["disabled"] == len(lists["disabled"])
    assert truth["schools"] == len(lists["schools"]) == 40


def test_exactly_four_rows_of_the_roll_are_broken(county):
    truth, lists = county
    schools = {row["school_code"] for row in lists["schools"]}
    broken = [row for row in lists["roll"] if not usable(row, schools)]
    assert len(broken) == len(truth["roll_broken_rows"]) == 4
    assert broken == lists["roll"][-4:]


def test_every_word_on_the_lists_is_known(county):
    _, lists = county
    kinds = {row["school_code"]: codes.parse_school_kind(row["kind"])[0] for row in lists["schools"]}
    for row in lists["roll"][:-4] + lists["attending"]:
        grade, problem = grades.parse_grade(row["grade"], kinds[row["school_code"]], None, ON)
        assert grade, problem
        assert grades.kind_contradicts(grade, kinds[row["school_code"]]) == ""
    assert all(codes.parse_household_type(row["type"])[0] for row in lists["poverty"])
    assert all(codes.parse_civil_affairs(row["category"])[0] for row in lists["civil_affairs"])
    assert all(identity.parse_card(row["card"]).problem == "" for row in lists["disabled"])


def test_every_kind_of_anomaly_is_there_and_everybody_is_invented(county):
    truth, lists = county
    for kind, numbers in truth["groups"].items():
        assert len(numbers) >= 2, kind
        assert all(number.startswith("99") and identity.normalise_number(number).form == "resident" for number in numbers)
    assert all(numbers for numbers in truth["typos"].values())
    assert sorted(sum(truth["typos"].values(), [])) == truth["groups"][anomalies.TYPO]
    assert all(row["number"].startswith("99") for row in lists["hukou"])


def test_a_mistyped_number_is_one_edit_from_its_owner_and_nobodys(county):
    truth, lists = county
    everybody = {row["number"] for row in lists["hukou"]}
    forms = [(name, birth, number) for name, birth, number in pupils_on_roll(lists) if number[:6] == "990101" and number not in everybody]
    owners = [next(owner for owner in truth["groups"][anomalies.TYPO] if identity.one_edit_apart(owner, number)) for _, _, number in forms]
    assert sorted(owners) == truth["groups"][anomalies.TYPO]
    assert all(identity.normalise_number(number).form == "resident_bad_check" for _, _, number in forms)


def test_namesakes_born_on_one_day_stay_two_people(county):
    truth, lists = county
    one, other = truth["groups"][anomalies.NAMESAKES]
    rows = {row["number"]: row for row in lists["hukou"]}
    assert rows[one]["name"] == rows[other]["name"]
    assert one[6:14] == other[6:14]
    assert not identity.one_edit_apart(one, other)
    assert len({one, other} & set(truth["groups"][anomalies.DROPPED])) == 1


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(tmp_path):
    for name, seed in (("one", 3), ("again", 3), ("other", 4)):
        for variant in "ab":
            make_county(Plan(pupils=240, schools=8, seed=seed, variant=variant), tmp_path / name / variant)
    files = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*.*"))
    assert len(files) == 18
    assert all((tmp_path / "one" / file).read_bytes() == (tmp_path / "again" / file).read_bytes() for file in files)
    assert (tmp_path / "one/a/公安户籍.xlsx").read_bytes() != (tmp_path / "other/a/公安户籍.xlsx").read_bytes()


def test_variants_tell_the_same_facts(tmp_path):
    truths = [make_county(Plan(pupils=240, schools=8, variant=variant), tmp_path / variant) for variant in "ab"]
    for key in ("balance_6_15_point", "balance_6_15_school_year", "groups", "typos", "whole_lists", "roll_rows", "hukou_rows"):
        assert truths[0][key] == truths[1][key]
    assert (tmp_path / "b/在校学生花名册.csv").read_bytes().decode("gb18030")
    with pytest.raises(UnicodeDecodeError):
        (tmp_path / "b/在校学生花名册.csv").read_bytes().decode("utf-8")


@pytest.mark.parametrize("count", [8, 10, 40, 80, 357])
def test_schools_of_every_size_of_county(count):
    plan = Plan(pupils=max(200, count * 20), schools=count)
    schools = make_schools(plan, make_townships(plan))
    assert (
        len(schools)
        == len({school.code for school in schools})
        == len({school.name for school in schools})
        == sum(school_mix(count).values())
        == count
    )
    assert {"pre", "pri", "jun", "sen", "voc"} <= {stage for school in schools for stage in school.stages}
    known = {school.code for school in schools}
    assert all(school.parent in known for school in schools if school.kind == "teaching_point")


def test_the_command_writes_a_county_and_names_what_it_cannot_do(tmp_path, capsys):
    call_command("make_county", out=tmp_path / "small", pupils=240, schools=8, json=True)
    assert json.loads(capsys.readouterr().out) == json.loads((tmp_path / "small/truth.json").read_text(encoding="utf-8"))
    with pytest.raises(CommandError, match="学生数 100 太少"):
        call_command("make_county", out=tmp_path / "none", pupils=100)
    with pytest.raises(CommandError, match="学校数 3 太少"):
        call_command("make_county", out=tmp_path / "none", schools=3)
