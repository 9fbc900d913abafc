"""Which children a list shows: one search box and a row of filters over a scoped query set.

A number is looked up by its keyed index only, and what a search keeps for the next page is that index, never the number: it may not
stand in an address, a log or a session (design.md §3).
"""

import re
from dataclasses import asdict, dataclass

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q, TextField
from django.db.models.functions import Cast

from core import crypto
from core.forms import QuickSelect
from core.models import Organization
from students.models import Child, ChildNumber, Enrolment, Registration, SharedNumber, SpecialGroup
from students.rules import codes, grades, identity, names

NUMBER_FIELD = "person.id_number"
NAME, PINYIN, LAST_FOUR, NUMBER, UNCLEAR = "name", "pinyin", "last_four", "number", "unclear"


@dataclass(frozen=True)
class Search:
    """What the text of the search box means. `term` is the text, or the hex index of a number; `shown` what the page may print."""

    kind: str
    term: str
    shown: str

    @property
    def is_sensitive(self):
        return self.kind in (LAST_FOUR, NUMBER, UNCLEAR)

    @property
    def sentence(self):
        """Why nothing can be found, where the text is neither a name nor a number."""
        if self.kind != UNCLEAR:
            return ""
        return f"“{self.shown}”不是完整的证件号，也不是末四位。请输入姓名、拼音首字母、末四位或 18 位证件号（学籍号）。"

    def keep(self):
        return asdict(self)


def read_search(text):
    """The Search that `text` means; None for an empty box."""
    text = text.strip()
    if not text:
        return None
    if not re.search(r"\d", text):
        kind = PINYIN if re.fullmatch(r"[A-Za-z\s]+", text) else NAME
        return Search(kind, text, text)
    bare, _ = identity.strip_typing(text)
    if re.fullmatch(r"\d{3}[\dX]", bare):
        return Search(LAST_FOUR, crypto.last_four_index(bare).hex(), "末四位")
    number = identity.normalise_number(text)
    if not number.usable:
        return Search(UNCLEAR, "", crypto.mask(bare))
    return Search(NUMBER, crypto.blind_index(number.text, NUMBER_FIELD).hex(), crypto.mask(number.text))


def find(children, search):
    """`children` narrowed to those a search means; None means all of them."""
    if search is None:
        return children
    return FINDERS[search.kind](children, search.term)


def by_name(children, term):
    return children.named(names.clean_name(term))


def by_pinyin(children, term):
    initials = re.sub(r"\s", "", term).lower()
    return children.named(term.strip(), otherwise=Q(pinyin__startswith=initials))


def by_last_four(children, term):
    index = bytes.fromhex(term)
    return children.filter(pk__in=ChildNumber.objects.filter(last_four_index=index).values("child"))


def by_number(children, term):
    """By any number a list ever gave the child, the number inside a G roll number and one that is another child's included."""
    index = bytes.fromhex(term)
    shared = SharedNumber.objects.filter(identity=index).values("own_identity")
    numbers = ChildNumber.objects.filter(Q(identity=index) | Q(roll_identity=index) | Q(identity__in=shared))
    return children.filter(pk__in=numbers.values("child"))


FINDERS = {
    NAME: by_name, PINYIN: by_pinyin, LAST_FOUR: by_last_four, NUMBER: by_number, UNCLEAR: lambda children, term: children.none(),
}  # fmt: skip

STANDINGS = {
    "on_roll": "有学籍",
    "not_on_roll": "无学籍",
    "attending": "在校",
    "not_attending": "不在校",
    "roll_only": "在籍不在校",
    "attending_only": "在校不在籍",
    "double_roll": "双重学籍",
    "registered": "本县户籍",
    "not_registered": "非本县户籍",
    "bad_number": "证件号校验不符",
}


def on_roll(on):
    return Exists(Enrolment.objects.in_force(on).counted().filter(child=OuterRef("pk"), kind=Enrolment.Kind.ROLL))


def attending(on):
    return Exists(Enrolment.objects.in_force(on).counted().filter(child=OuterRef("pk"), kind=Enrolment.Kind.ATTENDING))


def registered(on):
    return Exists(Registration.objects.in_force(on).filter(child=OuterRef("pk"), counts=True))


def double_roll(on):
    return Exists(Enrolment.objects.in_force(on).counted().filter(child=OuterRef("pk"), kind=Enrolment.Kind.ROLL, accepted=False))


def with_standing(children, key, on):
    """Children whose standing on the day `on` is one of STANDINGS."""
    conditions = {
        "on_roll": lambda: on_roll(on),
        "not_on_roll": lambda: ~on_roll(on),
        "attending": lambda: attending(on),
        "not_attending": lambda: ~attending(on),
        "roll_only": lambda: on_roll(on) & ~attending(on),
        "attending_only": lambda: attending(on) & ~on_roll(on),
        "double_roll": lambda: double_roll(on),
        "registered": lambda: registered(on),
        "not_registered": lambda: ~registered(on),
        "bad_number": lambda: Q(number_state=Child.NumberState.INVALID),
    }
    return children.filter(conditions[key]())


ROLL, ATTENDING = Enrolment.Kind.ROLL, Enrolment.Kind.ATTENDING
KIND_OF_STANDING = {"on_roll": ROLL, "roll_only": ROLL, "double_roll": ROLL, "attending": ATTENDING, "attending_only": ATTENDING}
AREA_KINDS = (Organization.Kind.TOWNSHIP, Organization.Kind.EDUCATION_GROUP, Organization.Kind.VILLAGE)
SCHOOL_KINDS = (Organization.Kind.SCHOOL, Organization.Kind.TEACHING_POINT)
GRADES = [
    (f"{stage}-{year}", grades.grade_label(grades.Grade(stage, year)))
    for stage in (grades.PRE, grades.PRI, grades.JUN, grades.SEN, grades.VOC)
    for year in range(1, grades.STAGE_YEARS[stage] + 1)
]


def areas_of(request):
    return Organization.objects.visible_to(request.user, "see_children").filter(kind__in=AREA_KINDS[:2]).order_by("code")


def schools_of(request):
    return Organization.objects.visible_to(request.user, "see_children").filter(kind__in=SCHOOL_KINDS).order_by("code")


VALUE, ABOVE = Cast("public_id", TextField()), ("parent__name", "parent__kind", "parent__parent__name")


class PlaceChoices(forms.models.ModelChoiceIterator):
    """Nodes by their code, without making an object of each."""

    def __iter__(self):
        yield "", self.field.empty_label
        yield from self.queryset.order_by("code").values_list(VALUE, "name")


class SchoolChoices(forms.models.ModelChoiceIterator):
    """Schools under the township or education group they hang on, so that a county's hundreds can be looked through."""

    def __iter__(self):
        yield "", self.field.empty_label
        groups, whole_school = {}, Organization.Kind.SCHOOL.value
        for value, name, parent, kind, above in self.queryset.order_by("code").values_list(VALUE, "name", *ABOVE):
            groups.setdefault((above if kind == whole_school else parent) or "", []).append((value, name))
        yield from groups.items()


class PlaceField(forms.ModelChoiceField):
    iterator, widget = PlaceChoices, QuickSelect


class SchoolField(PlaceField):
    iterator = SchoolChoices


class AreaFilter(django_filters.ModelChoiceFilter):
    """Chooses one of the townships or education groups that the callable `queryset` gives."""

    field_class = PlaceField

    def __init__(self, **options):
        super().__init__(label="乡镇", to_field_name="public_id", empty_label="全部", **options)


class SchoolFilter(django_filters.ModelChoiceFilter):
    """Chooses one of the schools that the callable `queryset` gives."""

    field_class = SchoolField

    def __init__(self, **options):
        super().__init__(label="学校", to_field_name="public_id", empty_label="全部", **options)


class ChildFilter(django_filters.FilterSet):
    """The filters above the list. Give `on`, the day whose facts count.

    School, stage, grade and class speak of one and the same enrolment, and of the roll or the classroom where the standing says so:
    a school's figure "在校" must lead to those who sit there, not to those who are on its roll and sit elsewhere.
    """

    area = AreaFilter(queryset=areas_of, method="in_area")
    school = SchoolFilter(queryset=schools_of, method="together")
    stage = django_filters.ChoiceFilter(label="学段", choices=list(grades.STAGES.items()), method="together", empty_label="全部")
    grade = django_filters.ChoiceFilter(label="年级", choices=GRADES, method="together", empty_label="全部")
    class_name = django_filters.CharFilter(label="班级", method="together", widget=forms.HiddenInput)
    standing = django_filters.ChoiceFilter(label="状态", choices=list(STANDINGS.items()), method="of_standing", empty_label="全部")
    group = django_filters.ChoiceFilter(
        label="特殊群体",
        choices=[("any", "任一群体"), *((group.code, group.label) for group in codes.GROUP_LIST)],
        method="in_group",
        empty_label="全部",
    )

    class Meta:
        model = Child
        fields = []

    def __init__(self, *args, on, **kwargs):
        super().__init__(*args, **kwargs)
        self.on = on

    def filter_queryset(self, queryset):
        children, lookup = super().filter_queryset(queryset), self.enrolment()
        if not lookup:
            return children
        facts = Enrolment.objects.in_force(self.on).filter(child=OuterRef("pk"), **lookup)
        kind = KIND_OF_STANDING.get(self.form.cleaned_data.get("standing"))
        return children.filter(Exists(facts.counted().filter(kind=kind) if kind else facts))

    def enrolment(self):
        """What the asked-for enrolment looks like, as a lookup."""
        asked = self.form.cleaned_data
        stage, _, year = (asked.get("grade") or "").partition("-")
        wanted = {"school": asked.get("school"), "stage": stage or asked.get("stage"), "grade": year, "class_name": asked.get("class_name")}
        return {name: value for name, value in wanted.items() if value}

    def together(self, children, name, value):
        """Applied with the other sides of the enrolment in filter_queryset."""
        return children

    def in_area(self, children, name, node):
        return children.filter(scope_nodes__contains=[node.pk])

    def of_standing(self, children, name, key):
        return with_standing(children, key, self.on)

    def in_group(self, children, name, code):
        groups = SpecialGroup.objects.in_force(self.on).filter(child=OuterRef("pk"))
        return children.filter(Exists(groups if code == "any" else groups.filter(code=code)))
