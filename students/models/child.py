"""The child, the numbers the child is known by, and where the child belongs."""

import uuid

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Upper
from django.utils.functional import cached_property

from core.crypto import SealedTextField
from core.models.compiled import among
from core.workflow import Transition, Workflow
from students.models.references import NODE, SNAPSHOT, kept_references
from students.models.tally import Tally, tallied

# The signs of a name, for the index that finds one or two of them anywhere in it; a trigram index needs three.
CHARACTERS = models.Func(
    Upper("name"), models.Value(None), function="string_to_array", output_field=ArrayField(models.TextField()),
)  # fmt: skip


class ChildQuerySet(models.QuerySet):
    def named(self, term, otherwise=None):
        """Those whose name holds `term`, in capitals or not, or of whom `otherwise` (Q) is true."""
        holds = models.Q(characters__contains=list(term.upper()), capitals__contains=term.upper())
        return self.alias(characters=CHARACTERS, capitals=Upper("name")).filter(holds | otherwise if otherwise else holds)

    def visible_to(self, user, permission):
        """Children who belong to a node on which `user` holds `permission`, or to one below it: one array test (design.md §2). The county
        sees those too who belong nowhere."""
        from core.scope import granted_nodes, is_county_wide

        if is_county_wide(user, permission):
            return self.here()
        return self.here().filter(scope_nodes__overlap=granted_nodes(user, permission))

    def here(self):
        """Records that stand for a child; a record merged into another does not."""
        return self.filter(merged_into=None)

    def among(self, ids):
        """Those of these ids, which go in as one array: as a subquery they would be looked for once a child where tables have no
        statistics (students.planning)."""
        return self.filter(among("pk", ids))

    def born_between(self, first, last):
        return self.filter(birth_on__gte=first, birth_on__lte=last)


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old, level=pghistory.Statement), exclude=["scope_nodes"])
class Child(models.Model):
    """One child. Name, birth, sex and number are derived from the newest lists (police register before roll before classroom)."""

    class Sex(models.TextChoices):
        MALE = "1", "男"
        FEMALE = "2", "女"

    class NumberState(models.TextChoices):
        VALID = "valid", "有效"
        INVALID = "invalid", "校验不符"
        OTHER = "other", "其他证件"
        NONE = "none", "无证件号"
        DISPUTED = "disputed", "号码争议"  # students.models.shared_number: the lists give another child's

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=60)
    name_key = models.CharField(max_length=60, help_text="name for comparison (students.rules.names.name_key)")
    pinyin = models.CharField(max_length=20, help_text="initials")
    sex = models.CharField(max_length=1, choices=Sex.choices, blank=True)
    birth_on = models.DateField(null=True, blank=True)
    ethnic = models.CharField(max_length=2, blank=True, help_text="GB/T 3304 code")
    number = SealedTextField(field="person.id_number", null=True, blank=True)
    number_index = models.BinaryField(max_length=32, null=True, blank=True, help_text="one of ChildNumber's, where searches look")
    last_four_index = models.BinaryField(max_length=32, null=True, blank=True)
    number_state = models.CharField(max_length=10, choices=NumberState.choices, default=NumberState.NONE)
    scope_nodes = ArrayField(models.BigIntegerField(), default=list)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged_records", db_index=False)
    first_snapshot = models.ForeignKey(
        "students.SourceSnapshot", on_delete=models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    version = models.PositiveIntegerField(default=1)

    objects = ChildQuerySet.as_manager()

    class Meta:
        indexes = [
            GinIndex(fields=["scope_nodes"], name="child_scope"),
            GinIndex(CHARACTERS, name="child_name_characters"),
            models.Index(fields=["pinyin"], name="child_pinyin", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["pinyin", "id"], condition=models.Q(merged_into=None), name="child_list_order"),
            models.Index(fields=["birth_on", "id"], condition=models.Q(merged_into=None), name="child_birth_order"),
            models.Index(
                fields=["number_state"], condition=models.Q(merged_into=None, number_state__in=["invalid", "none"]), name="child_unproven"
            ),
            models.Index(fields=["merged_into"], condition=~models.Q(merged_into=None), name="child_merged"),
        ]
        constraints = [
            models.CheckConstraint(condition=~models.Q(name=""), name="child_has_name"),
            models.CheckConstraint(
                condition=models.Q(merged_into=None) | ~models.Q(merged_into=models.F("id")), name="child_not_merged_into_itself"
            ),
        ]
        triggers = [*kept_references(first_snapshot_id=SNAPSHOT), *tallied(Tally.CHILDREN, "n.merged_into_id is null")]

    def __str__(self):
        return self.name

    @cached_property
    def _contact(self):
        """Who and where, best first: what people entered and still holds (carers first), then what the lists say."""
        from students.models.contact import Contact

        entered = Contact.objects.of_child(self).filter(until=None)
        order = list(Contact.Kind.values)
        return [*sorted(entered, key=lambda row: (order.index(row.kind), -row.since.toordinal(), -row.pk)), *self.listed_contacts]

    @cached_property
    def listed_contacts(self):
        """The standing roll row that was seen last, else the newest one of any list that has a telephone or an address."""
        rows = self.list_rows.filter(kind__in=("roll", "attending", "hukou")).only(
            "kind", "sealed", "household_address", "facts", "since", "until", "seen_as_of"
        )
        return sorted(rows, key=lambda row: (row.kind == "roll", row.until is None, row.seen_as_of, row.pk), reverse=True)

    @property
    def guardian_name(self):
        names = (row.facts.get("guardian") if hasattr(row, "facts") else row.kind != "proxy" and row.name for row in self._contact)
        return next((name for name in names if name), "")

    @property
    def phone(self):
        return next((row.phone for row in self._contact if row.phone), "")

    @property
    def address(self):
        rows = [row for row in self._contact if row.kind not in ("guardian", "proxy")]  # those may live elsewhere
        return next((row.address for row in sorted(rows, key=lambda row: row.kind != "address") if row.address), "")


class ChildNumber(models.Model):
    """A number by which lists know a child. One number belongs to one child; a typing error belongs to the child it was meant for."""

    class Source(models.TextChoices):
        RESIDENT = "resident", "身份证件号"
        ROLL = "roll", "学籍号"
        NONE = "none", "无号（姓名、出生日期、单位）"

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="numbers")
    identity = models.BinaryField(
        max_length=32, unique=True, help_text="blind index of the number, or of name, birth date and place where there is none"
    )
    number = SealedTextField(field="person.id_number", null=True, blank=True)
    last_four_index = models.BinaryField(max_length=32, null=True, blank=True)
    source = models.CharField(max_length=10, choices=Source.choices)
    valid = models.BooleanField()
    name_key = models.CharField(max_length=60)
    birth_on = models.DateField(null=True)
    birth_stated = models.BooleanField(help_text="whether the birth date came from a list's own column, not from the number")
    roll_identity = models.BinaryField(
        max_length=32, null=True, help_text="blind index of the number inside a G roll number, where it differs"
    )

    class Meta:
        indexes = [
            models.Index(fields=["name_key"], condition=models.Q(valid=True), name="child_number_name"),
            models.Index(fields=["last_four_index"], name="child_number_last_four"),
            models.Index(fields=["roll_identity"], condition=~models.Q(roll_identity=None), name="child_number_roll"),
        ]


class ChildPlace(models.Model):
    """Where a child belongs and why; the source of scope_nodes. `until` is the first day it no longer holds."""

    class Why(models.TextChoices):
        ATTENDING = "attending", "在校"
        ON_ROLL = "on_roll", "学籍"
        LAST_SCHOOL = "last_school", "最后就读"
        HUKOU = "hukou", "户籍"
        RESIDENCE = "residence", "现住"
        REPORTED = "reported", "上报"
        ASSIGNED = "assigned", "责任人"

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="places", db_index=False)  # an index below
    node = models.ForeignKey(  # no index: scope_nodes answers that
        "core.Organization", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    why = models.CharField(max_length=12, choices=Why.choices)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["child"], name="child_place_child")]
        constraints = [
            models.UniqueConstraint(fields=["child", "node", "why"], condition=models.Q(until=None), name="child_place_once"),
        ]
        triggers = kept_references(node_id=NODE)


class MatchQuerySet(models.QuerySet):
    def counted(self):
        """Those by which two numbers are one child in every figure: waiting for a word, or confirmed."""
        return self.filter(state__in=("open", "confirmed"))

    def waiting(self):
        return self.filter(state__in=("open", "candidate"))


class MatchState(models.TextChoices):
    OPEN = "open", "待确认"
    CANDIDATE = "candidate", "候选"
    CONFIRMED = "confirmed", "是同一人"
    REJECTED = "rejected", "不是同一人"


MATCH = Workflow(
    "match",
    MatchState,
    ("open", "candidate", "confirmed", "rejected"),  # a person who joins or splits two records says both at once
    (
        Transition("confirm", "是同一人", ("open", "candidate", "rejected"), "confirmed", "decide_match"),
        Transition("reject", "不是同一人", ("open", "candidate", "confirmed"), "rejected", "decide_match"),
    ),
    kept=False,  # an open match that no longer holds goes; an undone list takes its own along
)


class Match(models.Model):
    """Two numbers that may be one child's (domain.md §3.4). Open: a mistyped number, which counts as matched and waits for a person's word.
    Candidate: two records that only a person can join; it changes no figure."""

    class Rule(models.TextChoices):
        ROLL_NUMBER = "roll_number", "学籍号相同，姓名、出生日期一致"
        ONE_EDIT = "one_edit", "姓名、出生日期一致，证件号差一处"
        NAME_VILLAGE = "village", "姓名（或同音）、出生日期、村一致"
        NAME_GUARDIAN = "guardian", "姓名（或同音）、出生日期、监护人一致"
        NAME_SCHOOL = "school", "姓名（或同音）、出生日期、学校一致"
        PERSON = "person", "人工合并"
        SHARED = "shared", "证件号相同，姓名和出生日期（或性别）都不同"

    TIERS = {"roll_number": "T2", "one_edit": "T3", "village": "T4", "guardian": "T4", "school": "T4", "person": "人工", "shared": "号码争议"}

    State, workflow = MatchState, MATCH

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    odd = models.ForeignKey(ChildNumber, on_delete=models.CASCADE, related_name="matches_as_odd")
    meant = models.ForeignKey(ChildNumber, on_delete=models.CASCADE, related_name="matches_as_meant")
    rule = models.CharField(max_length=12, choices=Rule.choices)
    inputs = models.JSONField(default=dict, help_text="rule version and the place of difference, no number")
    state = models.CharField(max_length=10, choices=MatchState.choices, default=MatchState.OPEN)
    decided_by = models.ForeignKey("core.User", on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)

    objects = MatchQuerySet.as_manager()

    class Meta:
        triggers = MATCH.triggers()
        constraints = [
            models.UniqueConstraint(fields=["odd", "meant"], name="match_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=["open", "candidate"], decided_at=None)
                | models.Q(state__in=["confirmed", "rejected"], decided_at__isnull=False),
                name="match_decided",
            ),
        ]

    @property
    def tier(self):
        return self.TIERS[self.rule]

    @property
    def is_waiting(self):
        return self.state in (self.State.OPEN, self.State.CANDIDATE)
