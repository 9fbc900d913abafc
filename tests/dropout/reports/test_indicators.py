"""The rates by dimension: parts and wholes add up, every figure leads to exactly its names, a past day is told as it was."""

import io
from dataclasses import replace
from datetime import date

import pytest
from django.core.management import call_command
from django.utils import timezone

from core import files
from core.models import AuditEntry, FileRun, Parameter
from core.spreadsheets import read_workbook
from dropout.reports import indicators
from students import statuses
from students.dimensions import DIMENSIONS, words_of
from students.models import Child, RollChange, SourceSnapshot
from students.reports import indicator_needs as needs
from students.reports.account import usual_day
from students.rules.indicators import retention_rate
from tests import cast, make
from tests.dropout import indicator_world
from tests.dropout.indicator_world import ASK, ON
from tests.dropout.world import closed, make_world, opened

WHOLE = {
    "primary_kept": (3, 5), "junior_kept": (1, 1), "nine_year": (1, 2), "year_kept": (2, 3), "dropout": (1, 3), "arrival": (2, 6),
    "first_week": (1, 2), "promotion": (2, 3), "checked": (2, 3), "settled": (1, 3), "net_removal": (0, 3), "persuasion": (1, 1),
    "kept": (0, 1), "report48": (1, 2), "revisit": (1, 2),
}  # fmt: skip


@pytest.fixture
def house(db, settings, tmp_path):
    settings.FILES_ROOT = tmp_path
    return indicator_world.build()


def pairs(held):
    return {key: (rate.part, rate.whole) for key, rate in held.items()}


def whole(ask=ASK):
    return pairs(indicators.counted(ask, dimensions=())[""][""])


def names(key, side, ask=ASK, *asked):
    ids = [pk for pk, _ in indicators.rows_behind(ask, key, side, *asked)[1]]
    return sorted(Child.objects.in_bulk(ids)[pk].name for pk in ids)


def test_the_whole(house):
    found = whole()
    assert {key: found[key] for key in WHOLE} == WHOLE


def test_who_is_taught_and_who_is_disabled(db):
    """As before: own is taught and disabled, second and foreign are not in any classroom."""
    built = cast.build()
    make.registration(built.children.second, make.household(built.nodes.second_village))
    for kind in ("roll", "attending"):
        make.enrolment(built.children.own, built.nodes.school, kind)
    built.children.own.special_groups.create(code="C1", label="肢体", since=make.LONG_AGO)
    found = whole(replace(ASK, on=date(2020, 3, 6)))
    assert (found["enrolment"], found["disabled"]) == ((1, 3), (1, 1))


@pytest.mark.parametrize("dimension", list(DIMENSIONS))
def test_values_add_up_and_lead_to_their_names(house, dimension):
    """Every indicator, both sides: Σ of the values is the whole's, and each figure is the number of names it opens."""
    found = indicators.counted(ASK, dimensions=(dimension,))
    assert len(found[dimension]) > 1
    for key in indicators.INDICATOR:
        for side in ("part", "whole"):
            figures = {value: getattr(held[key], side) for value, held in found[dimension].items()}
            assert sum(figures.values()) == getattr(found[""][""][key], side), key
            assert len(names(key, side)) == getattr(found[""][""][key], side)
            for value, count in figures.items():
                assert len(names(key, side, ASK, dimension, value)) == count, (key, side, value)


def test_names_come_in_pages(house):
    count, all_lines = indicators.rows_behind(ASK, "arrival", "whole")
    pages = [indicators.rows_behind(ASK, "arrival", "whole", start=start, most=2) for start in range(0, count, 2)]
    assert [line for _, lines in pages for line in lines] == all_lines
    assert {found for found, _ in pages} == {count} == {6}
    assert indicators.rows_behind(ASK, "arrival", "whole", start=1000, most=2)[1] == all_lines[:2]


class TestRetention:
    def test_who_is_expected_and_who_graduated(self, house):
        assert names("primary_kept", "whole") == ["不见丙", "休学己", "未升庚", "毕业甲", "转入丁"]
        assert names("primary_kept", "part") == ["未升庚", "毕业甲", "转入丁"]
        assert names("nine_year", "whole") == ["九年壬", "九年辛"]
        assert names("nine_year", "part") == ["九年辛"]

    def test_the_persons_are_the_formula(self, house):
        """入学 5 ＋ 转入 2 － 转出 1 － 死亡 1 = 5 expected (domain.md §3.13)."""
        told = retention_rate(entered=5, moved_in=2, moved_out=1, died=1, graduated=3)
        rate = indicators.counted(ASK, dimensions=())[""][""]["primary_kept"]
        assert (rate.part, rate.whole, rate.text) == (told.part, told.whole, told.text)

    def test_a_roll_change_takes_the_child_out(self, house):
        child = house.cohort["丙"]
        change = {"child": child, "school": house.nodes.school, "kind": "transfer_out", "number": "异〔2023〕0001", "place": "邻县",
                  "effective_on": date(2023, 3, 1), "started_on": date(2023, 3, 1), "started_by": house.people["school_clerk"],
                  "reason": "随父母搬家"}  # fmt: skip
        made = RollChange.objects.create(**change)
        assert "不见丙" in names("primary_kept", "whole"), "an application is no proof"
        for state, done_on in (("bureau", None), ("done", date(2023, 3, 2))):
            RollChange.objects.filter(pk=made.pk).update(state=state, done_on=done_on)
        assert "不见丙" not in names("primary_kept", "whole")

    def test_without_the_lists_of_the_first_year_it_is_not_told(self, house):
        SourceSnapshot.objects.filter(kind="roll", as_of__year=2017).update(as_of=date(2022, 3, 1))
        known = needs.known(ON)
        reasons = {key: indicators.INDICATOR[key].missing(known) for key in ("primary_kept", "junior_kept", "nine_year")}
        assert reasons["junior_kept"] is None
        assert "最早的学籍库是 2022-03-01" in reasons["primary_kept"]
        assert "2020-09-01 至 2021-08-31" in reasons["primary_kept"]
        assert "2017-09-01 至 2018-08-31" in reasons["nine_year"]

    def test_the_county_may_not_cap(self, house):
        assert indicators.counted(ASK, dimensions=())[""][""]["nine_year"].capped
        Parameter.objects.create(name="cap_retention", since=make.LONG_AGO, value=0)
        assert not indicators.counted(ASK, dimensions=())[""][""]["nine_year"].capped


class TestSchoolYear:
    def test_who_left_with_proof_is_not_expected(self, house):
        assert names("year_kept", "whole") == ["在校一", "在校三", "在校四"]
        assert names("year_kept", "part") == ["在校一", "在校四"]
        assert names("dropout", "whole") == ["在校一", "在校三", "在校二"]
        assert names("dropout", "part") == ["东小明"]

    def test_without_a_list_of_the_beginning_it_is_not_told(self, house):
        SourceSnapshot.objects.filter(kind="attending").update(as_of=date(2026, 11, 2))
        assert "2026 年 10 月 31 日以前的在校花名册" in indicators.INDICATOR["year_kept"].missing(needs.known(ON))


class TestRegistration:
    def test_late_comers_count_and_uncounted_classes_do_not(self, house):
        assert names("arrival", "part") == ["到一", "到二"]
        assert names("arrival", "part", replace(ASK, on=date(2026, 9, 3))) == ["到一"]
        assert ("到四", "所在班还没有登记报到") in [
            (Child.objects.get(pk=pk).name, item) for pk, item in indicators.rows_behind(ASK, "arrival", "whole")[1]
        ]

    def test_visits_of_the_first_week(self, house):
        assert names("first_week", "whole") == ["到三", "到二"]
        assert names("first_week", "part") == ["到二"]

    def test_who_went_on_to_junior_school(self, house):
        assert names("promotion", "whole") == ["未升庚", "毕业甲", "转入丁"]
        assert names("promotion", "part") == ["毕业甲", "转入丁"]
        assert names("promotion", "part", replace(ASK, on=date(2026, 8, 31))) == []

    def test_without_a_turn_of_the_year_promotion_is_not_told(self, house):
        SourceSnapshot.objects.filter(kind="roll", as_of__year=2026).update(state="undone", undone_at=timezone.now(),
            undone_by=house.people["bureau_admin"])
        assert "学年升级还没有办" in indicators.INDICATOR["promotion"].missing(needs.known(ON))
        SourceSnapshot.objects.filter(kind="roll").update(state="undone", undone_at=timezone.now(), undone_by=house.people["bureau_admin"])
        assert "不知道 2026 年夏季有多少小学毕业生" in indicators.INDICATOR["promotion"].missing(needs.known(ON))


class TestCasesAsTheyStood:
    """The state on the day asked, by what had happened by then; what happened later changes nothing."""

    @pytest.mark.parametrize(
        ("day", "wanted"),
        [
            (date(2026, 9, 7), {"checked": (0, 1), "settled": (0, 1), "persuasion": (0, 0), "kept": (0, 0)}),
            (date(2026, 9, 30), {"checked": (1, 1), "persuasion": (0, 1), "kept": (0, 0)}),
            (date(2026, 10, 9), {"persuasion": (1, 1), "kept": (1, 1), "checked": (1, 3)}),
            (date(2026, 11, 2), {"persuasion": (1, 1), "kept": (0, 1), "net_removal": (0, 3)}),
            (date(2026, 12, 4), {"kept": (1, 1), "checked": (2, 3), "settled": (1, 3), "net_removal": (0, 3)}),
            (date(2026, 12, 5), {"kept": (1, 1), "settled": (2, 3), "net_removal": (1, 3)}),
        ],
    )
    def test_on_each_day(self, house, day, wanted):
        found = whole(replace(ASK, on=day))
        assert {key: found[key] for key in wanted} == wanted

    def test_a_second_episode_counts_the_child_once(self, db, settings, tmp_path):
        """Closed in March, suspected anew in May: one child, not yet checked again, brought back and not away."""
        settings.FILES_ROOT = tmp_path
        world = make_world()
        closed(world)
        opened(world, on=date(2020, 5, 8))
        found = whole(statuses.Ask(date(2020, 5, 9)))
        assert {key: found[key] for key in ("checked", "settled", "persuasion", "kept")} == {
            "checked": (0, 1), "settled": (0, 1), "persuasion": (1, 1), "kept": (1, 1),
        }  # fmt: skip
        assert whole(statuses.Ask(date(2020, 5, 1)))["checked"] == (1, 1)


class TestTimeliness:
    def test_reports(self, house):
        lines = indicators.rows_behind(ASK, "report48", "part")[1]
        assert [item for _, item in lines] == ["缺报〔2026〕0014，缺勤起 2026-09-14"]

    def test_appointments(self, house):
        """The first visit was due again on 20 September and came on the 25th; the second ended with the return on 9 October."""
        lines = indicators.rows_behind(ASK, "revisit", "part")[1]
        assert [item for _, item in lines] == ["疑〔2026〕0001，第2次走访约定 2026-10-10 回访"]

    def test_entries(self, house):
        """The confirmation of 8 September was entered on the 30th."""
        late = set(indicators.rows_behind(ASK, "entry", "whole")[1]) - set(indicators.rows_behind(ASK, "entry", "part")[1])
        assert "疑〔2026〕0001，2026-09-08 确认辍学，2026-09-30 录入" in {item for _, item in late}


def test_words(house):
    assert words_of("household", ["monitored"]) == {"monitored": "监测户"}
    assert words_of("township", [str(house.nodes.township.pk), ""]) == {str(house.nodes.township.pk): "东关镇", "": "不在乡镇"}
    found = indicators.counted(ASK, (indicators.INDICATOR["primary_kept"],), ("household",))["household"]
    assert set(found) == {"other"}, "the list of ended policies overrules the list of the poor"


def test_a_page_costs_the_same_for_any_number(house, django_assert_max_num_queries):
    with django_assert_max_num_queries(60):
        indicators.counted(ASK)


class TestPages:
    @pytest.fixture
    def officer(self, client, house):
        client.force_login(house.people["dropout_officer"])
        return client

    def test_at_a_glance_every_figure_opens_its_names(self, officer):
        rows = officer.get(f"/indicators/?on={ON}").context["rows"]
        assert [row["indicator"].key for row in rows] == list(indicators.INDICATOR)
        for row in rows:
            for side in ("part", "whole"):
                page = officer.get(row[f"{side}_url"])
                assert page.context["page_obj"].paginator.count == getattr(row["rate"], side) == len(page.context["rows"])

    def test_the_page_opens_on_the_day_of_the_newest_list_and_says_so(self, officer):
        day = usual_day(timezone.localdate())
        page = officer.get("/indicators/")
        assert day < timezone.localdate()
        assert (page.context["question"].ask.on, day.isoformat() in page.content.decode()) == (day, True)

    @pytest.mark.parametrize("key", list(indicators.INDICATOR))
    def test_one_by_dimension(self, officer, key):
        page = officer.get(f"/indicators/detail/?on={ON}&key={key}&by=sex")
        assert indicators.INDICATOR[key].formula in page.content.decode()
        for row in page.context["rows"]:
            assert officer.get(row["whole_url"]).context["page_obj"].paginator.count == row["rate"].whole

    def test_what_cannot_be_told_says_why(self, officer, house):
        SourceSnapshot.objects.update(state="undone", undone_at=timezone.now(), undone_by=house.people["bureau_admin"])
        text = officer.get(f"/indicators/detail/?on={ON}&key=nine_year").content.decode()
        assert "现在还算不出" in text
        assert "系统里还没有学籍库" in text

    def test_a_township_sees_its_own(self, client, house):
        client.force_login(house.people["foreign_township_officer"])
        rows = {row["indicator"].key: row for row in client.get(f"/indicators/?on={ON}").context["rows"]}
        assert (rows["checked"]["rate"].part, rows["checked"]["rate"].whole) == (1, 1)
        assert rows["arrival"]["rate"].whole == 0

    @pytest.mark.parametrize(
        "address",
        ["names/?key=lost&side=part", "names/?key=kept&side=both", "detail/?key=lost", "names/?key=kept&side=part&by=school&value=x"],
    )
    def test_what_is_none_is_absent(self, officer, address):
        assert officer.get(f"/indicators/{address}").status_code == 404

    def test_a_wrong_day_is_a_sentence(self, officer):
        for address in ("", "detail/"):
            assert "输入一个有效的日期" in officer.get(f"/indicators/{address}?key=kept&on=x").content.decode()


class TestWorkbooks:
    @pytest.fixture
    def officer(self, client, house):
        client.force_login(house.people["dropout_officer"])
        return client

    def sheets(self, response, tmp_path):
        path = tmp_path / "book.xlsx"
        path.write_bytes(b"".join(response.streaming_content))
        return {sheet.name: sheet.rows for sheet in read_workbook(path, "book.xlsx")}

    def test_all_by_every_dimension(self, officer, tmp_path):
        sheets = self.sheets(officer.post(f"/indicators/export/?on={ON}"), tmp_path)
        assert list(sheets) == ["指标", *(f"按{label}" for label in DIMENSIONS.values())]
        line = next(row for row in sheets["指标"] if row[0] == "小学巩固率")
        assert line[3:7] == ["3", "入学并应巩固", "5", "60.00%"]
        assert any("填报单位（盖章）" in cell for row in sheets["指标"] for cell in row)
        girls = next(row for row in sheets["按性别"] if row[0] == "年巩固率" and row[1] == "女")
        assert (girls[3], girls[5]) == ("1", "1")
        assert AuditEntry.objects.filter(act="indicators_exported").count() == 1

    def test_the_names_with_what_stands_beside_them(self, officer, house, tmp_path):
        sheets = self.sheets(officer.post(f"/indicators/names/export/?on={ON}&key=report48&side=whole"), tmp_path)
        text = "\n".join("|".join(row) for row in sheets["名单"])
        assert "缺报〔2026〕0021" in text
        assert house.children.own.number not in text

    def test_many_names_come_as_a_run(self, officer, monkeypatch, tmp_path, django_capture_on_commit_callbacks):
        monkeypatch.setattr("dropout.views.indicators.AT_ONCE", 1)
        with django_capture_on_commit_callbacks(execute=True):
            assert officer.post(f"/indicators/names/export/?on={ON}&key=arrival&side=whole").status_code == 302
        call_command("run_waiting", stdout=io.StringIO())
        run = FileRun.objects.get(kind="export_indicator_names")
        assert run.state == "done", run.message
        path = tmp_path / "run.xlsx"
        path.write_bytes(files.read(run.result))
        (sheet,) = read_workbook(path, "run.xlsx")
        assert len([row for row in sheet.rows if row[0].startswith("到")]) == 4
