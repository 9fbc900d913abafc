"""Lists from outside: the immutable snapshot, the staged rows, the rows that stand, and what was wrong (design.md §4)."""

import uuid

from django.db import models
from django.utils.functional import cached_property

from core.crypto import SealedBytesField, SealedTextField, unseal_bytes
from core.workflow import Transition, Workflow
from students.models.references import NODE, SNAPSHOT, kept_references
from students.rules import sealed_row
from students.rules.kinds import LIST_KINDS

KINDS = [(kind.code, kind.label) for kind in LIST_KINDS]


class SourceSnapshotQuerySet(models.QuerySet):
    def visible_to(self, user, permission):
        from core.scope import granted_nodes

        return self.filter(coverage__path__overlap=granted_nodes(user, permission))


class SnapshotState(models.TextChoices):
    RECEIVED = "received", "已接收"
    STAGED = "staged", "待批准"
    APPLIED = "applied", "已入库"
    REFUSED = "refused", "不能读取"
    WITHDRAWN = "withdrawn", "已放弃"
    UNDONE = "undone", "已撤销"


LIST = Workflow(  # who may: students.actions.snapshots, mapping, undoing
    "source_snapshot",
    SnapshotState,
    "received",
    (
        Transition("preview", "读取、比对", ("received",), "staged"),
        Transition("refuse", "不能读取", ("received",), "refused"),
        Transition("read_anew", "改列名后重读", ("staged",), "received"),
        Transition("approve", "批准入库", ("staged",), "applied", "approve_import"),
        Transition("withdraw", "放弃", ("received", "staged"), "withdrawn", "import_lists"),
        Transition("undo", "撤销批次", ("applied",), "undone", "undo_import"),
    ),
    lambda snapshot: [snapshot.coverage],
)


class SourceSnapshot(models.Model):
    """One file as received. Same kind, coverage, as-of date and sha256 is the same snapshot."""

    State, workflow = SnapshotState, LIST

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=20, choices=KINDS)
    supplier = models.CharField(max_length=80, blank=True)
    coverage = models.ForeignKey("core.Organization", on_delete=models.PROTECT, related_name="+")
    as_of = models.DateField()
    sha256 = models.CharField(max_length=64)
    file = models.ForeignKey("core.Attachment", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=SnapshotState.choices, default=SnapshotState.RECEIVED)
    rows = models.PositiveIntegerField(default=0, help_text="data rows read; = new + changed + unchanged + conflicts + refused")
    new = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    conflicts = models.PositiveIntegerField(default=0)
    refused_rows = models.PositiveIntegerField(default=0)
    vanished = models.PositiveIntegerField(default=0)
    warnings = models.PositiveIntegerField(default=0)
    needs_second_person = models.BooleanField(default=False)
    layout = models.JSONField(default=dict, help_text="sheets read and skipped, header rows, columns as mapped")
    filled = models.BooleanField(default=False, help_text="sent back by the unit that filled it in: touches no row outside its coverage")
    mapping = models.JSONField(default=dict, help_text="heading → field as said for this file, else what is remembered")
    message = models.CharField(max_length=500, blank=True)
    received_by = models.ForeignKey("core.User", on_delete=models.PROTECT, related_name="+")
    received_at = models.DateTimeField(auto_now_add=True)
    staged_at = models.DateTimeField(null=True, help_text="when the preview was made that a person sees")
    approved_by = models.ForeignKey("core.User", on_delete=models.PROTECT, null=True, related_name="+")
    applied_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey("core.User", on_delete=models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)

    objects = SourceSnapshotQuerySet.as_manager()

    class Meta:
        ordering = ["-received_at"]
        indexes = [models.Index(fields=["kind", "coverage", "-as_of"], name="snapshot_kind")]
        triggers = LIST.triggers()
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "coverage", "as_of", "sha256"],
                condition=models.Q(state__in=["received", "staged", "applied"]),
                name="snapshot_once",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["applied", "undone"], applied_at__isnull=False, approved_by__isnull=False)
                | models.Q(state__in=["received", "staged", "refused", "withdrawn"], applied_at=None),
                name="snapshot_applied",
            ),
            models.CheckConstraint(condition=~models.Q(state="staged") | models.Q(staged_at__isnull=False), name="snapshot_staged"),
            models.CheckConstraint(
                condition=models.Q(state="undone", undone_at__isnull=False, undone_by__isnull=False)
                | ~models.Q(state="undone") & models.Q(undone_at=None, undone_by=None),
                name="snapshot_undone",
            ),
            models.CheckConstraint(
                condition=models.Q(state="received")
                | models.Q(state="refused")
                | models.Q(
                    rows=models.F("new") + models.F("changed") + models.F("unchanged") + models.F("conflicts") + models.F("refused_rows")
                ),
                name="snapshot_rows_add_up",
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.as_of}"

    def comparable(self):
        """The rows of its kind that it may be compared with: what a unit fills in knows of no other unit's rows."""
        rows = ListRow.objects.filter(kind=self.kind)
        return rows.held_by(self.kind, self.coverage) if self.filled else rows

    @property
    def asks_columns(self):
        """Whether its reading waits for a person's word on its columns."""
        return self.state == self.State.RECEIVED and "asks" in self.layout


class ClassCode(models.Func):
    """Code of the class node that a roll's or a classroom's row names: school, stage and entry year, class; NULL where one is missing."""

    output_field = models.CharField(max_length=40)
    template = (
        "left((facts ->> 'school') || '-' || (facts ->> 'stage') || (facts ->> 'cohort') || '-' || nullif(facts ->> 'class', ''), 40)"
    )


class RowFields(models.Model):
    """What a staged row and a standing row have alike. What is sensitive is in `number`, which SQL copies to the child, in
    `household_address`, which SQL copies to the household, and in `sealed`: one sealing of all the rest, because each costs time."""

    sheet = models.CharField(max_length=60)
    row_number = models.PositiveIntegerField()
    person_key = models.BinaryField(max_length=40, help_text="whom the row speaks of, within its kind; empty for a refused row")
    place_key = models.CharField(max_length=60, blank=True, help_text="where: school code, household number, category")
    content_hash = models.BinaryField(max_length=32, help_text="keyed hash of the normalised content")
    identity = models.BinaryField(max_length=32, null=True, help_text="ChildNumber.identity of the row's person; null in lists of places")
    number_valid = models.BooleanField(default=False)
    number_state = models.CharField(max_length=10, blank=True)
    last_four_index = models.BinaryField(max_length=32, null=True)
    roll_identity = models.BinaryField(max_length=32, null=True, help_text="blind index of the number inside the G roll number")
    name = models.CharField(max_length=80, blank=True)
    name_key = models.CharField(max_length=80, blank=True)
    pinyin = models.CharField(max_length=20, blank=True)
    birth_on = models.DateField(null=True)
    birth_stated = models.BooleanField(default=False)
    facts = models.JSONField(default=dict)
    number = SealedTextField(field="person.id_number", null=True)
    household_address = SealedTextField(field="household.address", null=True)
    sealed = SealedBytesField(
        field=sealed_row.SEALED_AS, null=True, help_text="students.rules.sealed_row of the row, sealed as list_row.cells"
    )

    class Meta:
        abstract = True

    @cached_property
    def _opened(self):
        return sealed_row.opened(unseal_bytes(self.sealed, sealed_row.SEALED_AS)) if self.sealed is not None else sealed_row.EMPTY

    @property
    def roll_number(self):
        return self._opened.roll_number

    @property
    def phone(self):
        return self._opened.phone

    @property
    def address(self):
        return self._opened.address or self.household_address

    @property
    def cells(self):
        """The texts of the row as it came."""
        return self._opened.cells


class StagedRow(RowFields):
    """A row of a snapshot that waits for approval; gone after apply, except conflicts, which are shown."""

    class Outcome(models.TextChoices):
        NEW = "new", "新增"
        CHANGED = "changed", "变化"
        UNCHANGED = "unchanged", "未变"
        CONFLICT = "conflict", "冲突"
        REFUSED = "refused", "未导入"

    snapshot = models.ForeignKey(SourceSnapshot, on_delete=models.CASCADE, related_name="staged_rows", db_index=False, db_constraint=False)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    standing = models.ForeignKey(
        "students.ListRow", on_delete=models.SET_NULL, null=True, related_name="+", help_text="the row it changes or repeats"
    )
    why = models.CharField(max_length=200, blank=True)
    shared_identity = models.BinaryField(max_length=32, null=True, help_text="the number's own index, where it is another child's")

    class Meta:
        indexes = [
            models.Index(fields=["snapshot", "outcome"], name="staged_row_outcome"),
            models.Index(fields=["snapshot", "person_key"], name="staged_row_person"),
        ]
        triggers = kept_references(snapshot_id=SNAPSHOT)


BY_NODE = ("divisions", "schools", "roll", "attending", "hukou", "boarding", "found")


class ListRowQuerySet(models.QuerySet):
    def held_by(self, kind, node):
        """The rows of a kind that are about `node`: by the place they name, or by where their child belongs."""
        rows = self.filter(kind=kind)
        if kind in BY_NODE:
            return rows.filter(models.Q(node__path__contains=[node.pk]) | models.Q(node=None, snapshot__coverage=node))
        return rows.filter(child__scope_nodes__contains=[node.pk]) if node.parent_id else rows


class ListRow(RowFields):
    """A row as it stands (until is null) or stood. Rows may overlap and contradict each other: that is what is to be found."""

    kind = models.CharField(max_length=20, choices=KINDS)
    snapshot = models.ForeignKey(
        SourceSnapshot,
        on_delete=models.PROTECT,
        related_name="list_rows",
        db_index=False,
        db_constraint=False,
        help_text="the batch that brought it; its coverage is the row's",
    )
    since = models.DateField()
    seen_as_of = models.DateField(help_text="as-of date of the newest batch that still had it: an older list does not change the row")
    until = models.DateField(null=True)
    closed_by = models.ForeignKey(
        SourceSnapshot, on_delete=models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    child = models.ForeignKey("students.Child", on_delete=models.PROTECT, null=True, related_name="list_rows", db_index=False)
    node = models.ForeignKey(
        "core.Organization",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
        help_text="the school or village the row names",
    )
    class_code = models.GeneratedField(expression=ClassCode(), output_field=models.CharField(max_length=40, null=True), db_persist=True)

    objects = ListRowQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["identity"], condition=models.Q(until=None), name="list_row_identity"),
            models.Index(fields=["child", "kind"], name="list_row_child"),
            models.Index(fields=["snapshot"], name="list_row_snapshot"),
            models.Index(fields=["closed_by"], condition=~models.Q(closed_by=None), name="list_row_closed_by"),
            models.Index(fields=["child"], condition=models.Q(number_state="invalid"), name="list_row_invalid"),
            models.Index(fields=["birth_on"], condition=models.Q(child=None, until=None, identity__isnull=False), name="list_row_alone"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "person_key", "place_key"], condition=models.Q(until=None), name="list_row_stands_once"
            ),
            models.CheckConstraint(condition=models.Q(until=None, closed_by=None) | models.Q(until__isnull=False), name="list_row_closed"),
        ]
        triggers = kept_references(snapshot_id=SNAPSHOT, closed_by_id=SNAPSHOT, node_id=NODE)


class RowIssue(models.Model):
    """What was wrong in a row, by its address in the file. `value` is masked where the column is sensitive."""

    class Severity(models.TextChoices):
        REFUSED = "refused", "未导入"
        WARNING = "warning", "已导入，请核对"

    snapshot = models.ForeignKey(SourceSnapshot, on_delete=models.CASCADE, related_name="issues")
    severity = models.CharField(max_length=10, choices=Severity.choices)
    sheet = models.CharField(max_length=60)
    row_number = models.PositiveIntegerField()
    column = models.CharField(max_length=60, help_text="column letter and heading")
    value = models.CharField(max_length=100, blank=True)
    reason = models.CharField(max_length=200)

    class Meta:
        ordering = ["snapshot_id", "severity", "sheet", "row_number", "id"]
        indexes = [models.Index(fields=["snapshot", "severity"], name="row_issue_snapshot")]
