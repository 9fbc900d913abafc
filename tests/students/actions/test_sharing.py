"""Two children under one number are never one record: whatever the order of the lists, the day after, and after an undo."""

import itertools

import pytest

from core.models import AuditEntry
from core.workflow import Refused
from students.actions import joining, matching, telling_apart, undoing
from students.actions.telling_apart import Claim, claims_of
from students.models import Child, ChildNumber, Enrolment, ListRow, Match, MergeEvent, RowIssue, SharedNumber
from students.reports import named_apart, unresolved
from tests.students.lists import APRIL, MARCH, in_class, load, pupil, resident

SHARED = "990101201008310014"
OTHER = "990101201101150027"  # what the second child's number really is


def other(**more):
    """The second child as a school wrote it: the first one's number, everything else its own."""
    return pupil(SHARED, "赵小兰", school="2199000004", 出生日期="2011-01-15", 性别="女", 全国学籍号="") | more


def first(**more):
    return pupil(SHARED, 性别="男") | more


def names():
    return sorted(Child.objects.here().values_list("name", flat=True))


def rolls():
    """{name: schools} of accepted and other open enrolments."""
    found = {}
    for fact in Enrolment.objects.filter(until=None, kind="roll").select_related("child", "school").order_by("school__code"):
        found.setdefault(fact.child.name, []).append(fact.school.code)
    return found


BOTH = {"王一": ["2199000003"], "赵小兰": ["2199000004"]}


class TestLists:
    def test_a_row_that_cannot_be_the_child_makes_one_of_its_own(self, places, tmp_path):
        load(tmp_path, "hukou", [resident(SHARED, 性别="男")], **places)
        snapshot = load(tmp_path, "roll", [first(), other()], **places)
        assert rolls() == BOTH
        child = Child.objects.get(name="赵小兰")
        assert (child.number, child.number_state, str(child.birth_on)) == ("", "disputed", "2011-01-15")
        match = Match.objects.get()
        assert (match.rule, match.state, match.odd.child, match.meant.child.name) == ("shared", "candidate", child, "王一")
        assert RowIssue.objects.filter(snapshot=snapshot, reason__contains="另一个孩子").count() == 1

    def test_both_in_the_first_list_of_all_even_in_one_school(self, places, tmp_path):
        snapshot = load(tmp_path, "roll", [first(), other(学校标识码="2199000003")], **places)
        assert snapshot.conflicts == 0
        assert names() == ["王一", "赵小兰"]

    @pytest.mark.parametrize("order", list(itertools.permutations(range(4))), ids=lambda order: "".join(map(str, order)))
    def test_who_holds_the_number_does_not_hang_on_the_order_of_the_rows(self, places, tmp_path, order):
        """The number is born 2010-08-31, male: of four rows only one says so; a name in two schools is one child."""
        rows = [
            first(),
            other(),
            other(学校标识码="2199000003"),
            pupil(SHARED, "钱三", school="2199000004", 出生日期="2012-05-05", 性别="男", 全国学籍号=""),
        ]
        load(tmp_path, "roll", [rows[at] for at in order], **places)
        assert {child.name: child.number for child in Child.objects.here()} == {"王一": SHARED, "赵小兰": "", "钱三": ""}
        assert rolls()["赵小兰"] == ["2199000003", "2199000004"]

    @pytest.mark.parametrize("order", [1, -1])
    def test_where_both_say_the_same_of_the_number_the_name_decides(self, places, tmp_path, order):
        rows = [other(性别="女", 出生日期="2011-01-15"), other(姓名="李二", 性别="女", 出生日期="2012-01-15")]
        load(tmp_path, "roll", rows[::order], **places)
        assert [child.name for child in Child.objects.here() if child.number] == ["李二"]

    def test_another_spelling_or_another_birth_date_alone_is_the_same_child(self, places, tmp_path):
        load(tmp_path, "hukou", [resident(SHARED, 性别="男")], **places)
        load(tmp_path, "roll", [pupil(SHARED, "王逸", 性别="男")], **places)
        load(tmp_path, "attending", [in_class(SHARED, 出生日期="2011-08-31")], **places)
        assert Child.objects.here().count() == 1
        assert not SharedNumber.objects.exists()

    @pytest.mark.parametrize("later", [False, True])
    def test_the_order_of_the_lists_changes_nothing(self, places, tmp_path, later):
        """The classroom gives no birth date, so that its row looks like a changed name until the roll speaks."""
        lists = [("attending", [in_class(SHARED, "赵小兰", school="2199000004")]), ("roll", [other()])]
        load(tmp_path, "hukou", [resident(SHARED, 性别="男")], **places)
        for kind, rows in reversed(lists) if later else lists:
            load(tmp_path, kind, rows, **places)
        child = Child.objects.get(name="赵小兰")
        assert set(child.list_rows.filter(until=None).values_list("kind", flat=True)) == {"roll", "attending"}
        assert Child.objects.get(name="王一").list_rows.filter(until=None).count() == 1

    def test_the_next_day_s_same_list_changes_nothing(self, places, tmp_path):
        load(tmp_path, "hukou", [resident(SHARED, 性别="男")], **places)
        load(tmp_path, "attending", [in_class(SHARED, "赵小兰", school="2199000004")], **places)
        load(tmp_path, "roll", [first(), other()], **places)
        before = list(ListRow.objects.order_by("pk").values_list("pk", "child", "until"))
        for kind, rows in (("roll", [first(), other()]), ("attending", [in_class(SHARED, "赵小兰", school="2199000004")])):
            again = load(tmp_path, kind, rows, as_of=APRIL, **places)
            assert (again.new, again.changed, again.conflicts, again.vanished, again.unchanged) == (0, 0, 0, 0, len(rows))
        assert list(ListRow.objects.order_by("pk").values_list("pk", "child", "until")) == before
        assert Match.objects.count() == 1

    def test_an_undone_list_leaves_nothing_and_may_come_again(self, places, tmp_path):
        load(tmp_path, "hukou", [resident(SHARED, 性别="男")], **places)
        load(tmp_path, "attending", [in_class(SHARED, "赵小兰", school="2199000004")], **places)
        kept = list(ListRow.objects.order_by("pk").values())
        snapshot = load(tmp_path, "roll", [first(), other()], **places)
        undoing.undo(snapshot=snapshot, by=places["by"])
        assert list(ListRow.objects.order_by("pk").values()) == kept
        assert (names(), SharedNumber.objects.count(), Match.objects.count()) == (["王一"], 0, 0)
        load(tmp_path, "roll", [first(), other()], as_of=APRIL, **places)
        assert rolls() == BOTH

    def test_a_group_list_ties_the_row_to_nobody_and_a_person_is_asked(self, places, tmp_path):
        load(tmp_path, "hukou", [resident(SHARED, 性别="男")], **places)
        named = {"姓名": "赵小兰", "身份证号": SHARED, "性别": "女", "烈士姓名": "赵大", "烈士证号": "12"}
        load(tmp_path, "martyrs", [named], **places)
        assert ListRow.objects.get(kind="martyrs").child is None
        assert [row.name for row in unresolved.waiting(places["by"], MARCH)] == ["赵小兰"]

    def test_the_right_number_inside_the_roll_number_finds_the_child(self, places, tmp_path):
        load(tmp_path, "hukou", [resident(SHARED, 性别="男"), resident(OTHER, "赵小兰", "H2", 性别="女")], **places)
        load(tmp_path, "roll", [first(), other(全国学籍号=f"G{OTHER}")], **places)
        assert rolls() == BOTH
        assert Child.objects.here().get(name="赵小兰").number == OTHER


class TestWords:
    @pytest.fixture
    def match(self, places, tmp_path):
        load(tmp_path, "hukou", [resident(SHARED, 性别="男")], **places)
        load(tmp_path, "roll", [first(), other()], **places)
        return Match.objects.get()

    def again(self, places, tmp_path):
        return load(tmp_path, "roll", [first(), other(年级="四年级")], as_of=APRIL, **places)

    def test_the_same_child_after_all_and_back(self, match, places, tmp_path):
        matching.decide(match=match, same=True, reason="改名又改了生日", by=places["by"])
        self.again(places, tmp_path)
        assert names() == ["王一"]
        joining.undo(event=MergeEvent.objects.get(), reason="看错了", by=places["by"])
        assert rolls() == BOTH

    def test_two_children_whom_later_lists_keep_apart(self, match, places, tmp_path):
        matching.decide(match=match, same=False, reason="两家的孩子", by=places["by"])
        self.again(places, tmp_path)
        assert rolls() == BOTH
        assert Match.objects.get().state == "rejected"

    def test_the_number_is_the_other_child_s(self, match, places, tmp_path):
        matching.decide(match=match, same=False, number_goes=True, reason="看了户口簿", by=places["by"])
        assert {child.name: (child.number, child.number_state) for child in Child.objects.here()} == {
            "王一": ("", "disputed"), "赵小兰": (SHARED, "valid")
        }  # fmt: skip
        self.again(places, tmp_path)
        assert rolls() == BOTH
        assert AuditEntry.objects.get(act="number_given").reason == "看了户口簿"
        joining.undo(event=MergeEvent.objects.get(), reason="看错了", by=places["by"])
        assert {child.name: child.number for child in Child.objects.here()} == {"王一": SHARED, "赵小兰": ""}
        assert rolls() == BOTH


class TestPart:
    """Rows that joined silently, because only the name differs."""

    @pytest.fixture
    def one(self, places, tmp_path):
        load(tmp_path, "hukou", [resident(SHARED, 性别="男")], **places)
        load(tmp_path, "attending", [in_class(SHARED), in_class(SHARED, "王二", school="2199000004")], **places)
        return Child.objects.get()

    def number(self):
        return ChildNumber.objects.get(source="resident")

    def part(self, child, places, goes=False):
        claims = {claim for claim in claims_of(self.number()) if claim.name_key == "王二"}
        return telling_apart.part(child=child, number=self.number(), claims=claims, goes=goes, reason="是堂弟", by=places["by"])

    def again(self, places, tmp_path):
        rows = [in_class(SHARED, 年级="四年级"), in_class(SHARED, "王二", school="2199000004", 年级="四年级")]
        return load(tmp_path, "attending", rows, as_of=APRIL, **places)

    @pytest.mark.parametrize("goes", [False, True])
    def test_the_names_are_two_children_from_now_on(self, one, places, tmp_path, goes):
        self.part(one, places, goes)
        owner = "王二" if goes else "王一"
        self.again(places, tmp_path)
        assert {child.name: child.number for child in Child.objects.here()} == {"王一": "", "王二": ""} | {owner: SHARED}
        assert sorted(Child.objects.get(name="王二").list_rows.filter(until=None).values_list("kind", flat=True)) == ["attending"]
        assert AuditEntry.objects.get(act="number_told_apart").reason == "是堂弟"

    @pytest.mark.parametrize("goes", [False, True])
    def test_taken_back_it_is_one_child_in_later_lists_too(self, one, places, tmp_path, goes):
        joining.undo(event=self.part(one, places, goes), reason="是同一人", by=places["by"])
        one.refresh_from_db()
        assert (names(), one.number, one.number_state) == (["王一"], SHARED, "valid")
        assert self.again(places, tmp_path).conflicts == 0
        assert names() == ["王一"]

    def test_the_same_name_is_told_apart_by_the_birth_date(self, places, tmp_path):
        two = [in_class(SHARED, 出生日期="2010-08-31"), in_class(SHARED, school="2199000004", 出生日期="2011-01-15")]
        load(tmp_path, "attending", two, **places)
        child, number = Child.objects.get(), self.number()
        claim = next(claim for claim in claims_of(number) if str(claim.birth_on) == "2011-01-15")
        telling_apart.part(child=child, number=number, claims={claim}, goes=False, reason="同名的两个孩子", by=places["by"])
        assert Child.objects.here().count() == 2

    def test_not_all_names_and_not_none(self, one, places):
        every = set(claims_of(self.number()))
        for claims in (every, set(), {Claim("某某", None)}):
            with pytest.raises(Refused):
                telling_apart.part(child=one, number=self.number(), claims=claims, goes=False, reason="是堂弟", by=places["by"])

    def test_by_the_page(self, client, one, places):
        client.force_login(places["by"])
        page = client.get(f"/records/{one.public_id}/claims/").content.decode()
        assert "王二" in page
        assert SHARED not in page
        value = next(value for value in page.split('value="') if value.startswith(f"{self.number().pk}:王二")).split('"')[0]
        client.post(f"/records/{one.public_id}/claims/", {"claims": [value], "owner": "stays"})  # no reason given
        assert names() == ["王一"]
        client.post(f"/records/{one.public_id}/claims/", {"claims": [value], "owner": "stays", "reason": "是他的堂弟"})
        assert names() == ["王一", "王二"]


class TestNamings:
    """Bucket M6: what joined under one number although the names differ is listed, the likely wrong ones first."""

    def test_spellings_and_those_who_may_be_two(self, client, places, tmp_path, django_assert_max_num_queries):
        load(tmp_path, "hukou", [resident(SHARED, 性别="男"), resident(OTHER, "赵小兰", "H2", 性别="女")], **places)
        told = [pupil(SHARED, "王逸", 全国学籍号=""), pupil(OTHER, "赵小兰", school="2199000004", 出生日期="2011-01-16")]
        load(tmp_path, "roll", told, **places)
        load(tmp_path, "attending", [in_class(OTHER, "赵晓兰", school="2199000004")], **places)
        client.force_login(places["by"])
        with django_assert_max_num_queries(30):
            page = client.get("/matches/names/")
        told = [(line["child"].name, [one["name"] for one in line["names"]], line["why"]) for line in page.context["lines"]]
        assert told == [("赵小兰", ["赵小兰", "赵晓兰"], named_apart.APART), ("王一", ["王一", "王逸"], named_apart.SPELLING)]
        assert SHARED not in page.content.decode()
        assert "姓名不一致" in client.get("/matches/").content.decode()
        client.post("/matches/names/export/")
        assert AuditEntry.objects.get(act="namings_exported").detail["rows"] == 2

    def test_one_name_everywhere_is_not_listed(self, client, places, tmp_path):
        load(tmp_path, "hukou", [resident(SHARED)], **places)
        load(tmp_path, "roll", [pupil(SHARED)], **places)
        client.force_login(places["by"])
        assert "没有姓名不一致的" in client.get("/matches/names/").content.decode()


def test_the_page_of_the_match_asks_whose_the_number_is(client, places, tmp_path):
    load(tmp_path, "roll", [first(), other()], **places)
    client.force_login(places["by"])
    address = f"/matches/{Match.objects.get().public_id}/"
    page = client.get(address).content.decode()
    assert "号码争议" in page
    assert "".join(part.split("<")[0] for part in page.split(">")).count(SHARED) == 0  # however it is marked up
    client.post(address, {"same": "no", "owner": "odd", "reason": "看了户口簿"})
    assert Child.objects.get(name="赵小兰").number == SHARED
