"""Every table with states has its moves from one declaration, and no statement goes round them (design.md §1).

For each workflow model: each state of a road through it, each state that may not follow, by queryset.update, raw SQL, COPY and an upsert;
rows that begin elsewhere; deletion; a state without its date. The negative control takes the trigger away.
"""

import io

import pghistory.models
import pgtrigger
import psycopg2
import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, InternalError, connection, models, transaction
from django.utils import timezone

from archives.models import Report
from core.management.commands.draw_states import diagrams
from core.models import ChangeRequest, FileRun
from dropout.models import Absence, Case, Closing, Removal
from students.models import AttendanceFile, GuardianCall, Match, RollChange, SourceSnapshot, StandingProposal
from tests.archives import access as reports
from tests.core import access as core
from tests.dropout import access as dropout
from tests.students import access as students
from tests.students import access_records as records
from tests.students import access_rolls as rolls
from tests.students import access_statuses as statuses

ON = dropout.ON
NOW = timezone.now()
STATE_LIKE = {"state", "status", "decision", "answer", "outcome", "stage_state", "phase"}
NO_WORKFLOW = {  # fields that look like a state and are none
    "core.AuditEntry.outcome": "what came of an act, in a row that never changes",
    "students.Child.number_state": "derived from the number",
    "students.Absentee.outcome": "what a visit found; a later visit may find otherwise, its history is kept",
    "students.StagedRow.outcome": "the preview's comparison, made anew each time",
}


def found(model, arguments):
    return model.objects.get(**arguments)


def made_call(house):
    change = rolls.change_of(house, "own")
    return GuardianCall.objects.create(change=change, month="2026-09", drawn="entry", share=0.1)


def made_removal(house):
    by = house.people["dropout_officer"]
    return Removal.objects.create(case=dropout.case_of(house, "own"), reason="01", proposed_on=ON, proposed_by=by)


def made_closing(house):
    by = house.people["dropout_officer"]
    facts = {"code": "enlisted", "statement": "入伍", "days_present": 0, "days_wanted": 20, "proposed_on": ON, "proposed_by": by}
    return Closing.objects.create(case=dropout.case_of(house, "own"), **facts)


def road(model, house):
    """(the row in its first state, [(next state, what has to be said with it)])."""
    officer, second, principal = (house.people[name] for name in ("dropout_officer", "bureau_head", "principal"))
    clerk, head = house.people["school_clerk"], house.people["group_head"]
    decided = {"decided_by": second, "decided_at": NOW}
    reviewed = {"reviewed_by": second, "reviewed_at": NOW}
    roads = {
        ChangeRequest: (lambda: found(ChangeRequest, records.change_of(house, house.children.own)),
                        [("submitted", {"submitted_at": NOW}), ("approved", decided)]),
        FileRun: (lambda: found(FileRun, core.run_of(house, "school_clerk")), [("running", {}), ("done", {"finished_at": NOW})]),
        SourceSnapshot: (lambda: found(SourceSnapshot, students.snapshot_of(house, house.nodes.township, state="received")),
                         [("staged", {"staged_at": NOW}), ("applied", {"applied_at": NOW, "approved_by": second}),
                          ("undone", {"undone_at": NOW, "undone_by": second})]),
        AttendanceFile: (lambda: found(AttendanceFile, students.attendance_file().own(house)),
                         [("applied", {"applied_at": NOW, "applied_by": clerk})]),
        Match: (lambda: found(Match, students.match().own(house)), [("confirmed", {"decided_at": NOW}), ("rejected", {})]),
        StandingProposal: (lambda: found(StandingProposal, statuses.proposal_of(house, house.nodes.township)), [("approved", decided)]),
        RollChange: (lambda: rolls.change_of(house, "own"), [("bureau", {}), ("done", {"done_on": ON}), ("undone", {})]),
        GuardianCall: (lambda: made_call(house), [("unreached", {"called_on": ON, "called_by": officer}), ("agrees", {})]),
        Case: (lambda: dropout.case_of(house, "own"),
               [("confirmed", {"confirmed_on": ON, "cause": "work"}), ("persuading", {}), ("returned", {"returned_on": ON}),
                ("consolidating", {"placement": "same_grade"})]),
        Removal: (lambda: made_removal(house), [("approved", reviewed)]),
        Closing: (lambda: made_closing(house), [("approved", reviewed)]),
        Absence: (lambda: dropout.absence_of(house, "own"), [("explained", {"ended_on": ON, "ended_half": "pm"}), ("reported", {
            "ended_on": None, "ended_half": ""})]),
        Report: (lambda: found(Report, {"public_id": reports.report_of(house, "school").public_id}),
                 [("filed", {"filed_on": ON, "filed_by": clerk, "content_sha256": "0" * 64, "short_code": "AAAA-AAAA"}),
                  ("signed", {"signed_on": ON, "sent_on": ON, "signed_by": principal}),
                  ("accepted_group", {"group_accepted_on": ON, "group_accepted_by": head}),
                  ("accepted", {"accepted_on": ON, "accepted_by": officer})]),
    }  # fmt: skip
    maker, steps = roads[model]
    return maker(), steps


def workflow_models():
    return [model for model in apps.get_models() if hasattr(model, "workflow")]


def is_history(model):
    return issubclass(model, pghistory.models.Event)


def looks_like_a_state(field):
    return isinstance(field, models.CharField) and bool(field.choices) and (field.name in STATE_LIKE or field.name.endswith("_state"))


ALL = sorted(workflow_models(), key=lambda model: model._meta.label)
each_model = pytest.mark.parametrize("model", ALL, ids=lambda model: model._meta.label)


class TestDeclared:
    def test_every_model_with_a_state_has_a_workflow(self):
        ours = [model for model in apps.get_models() if model.__module__.split(".")[0] in ("core", "students", "dropout", "subsidies",
            "archives")]
        stateful = {
            f"{model._meta.label}.{field.name}": getattr(getattr(model, "workflow", None), "field", None) == field.name
            for model in ours if not is_history(model) for field in model._meta.local_fields if looks_like_a_state(field)
        }  # fmt: skip
        assert len(stateful) > 13
        assert {name for name, has in stateful.items() if not has} == set(NO_WORKFLOW), "declare a Workflow, or give the reason"

    @each_model
    def test_its_triggers_are_those_of_the_table(self, model):
        present = {trigger.name: trigger.compile(model).hash for trigger in model._meta.triggers}
        wanted = {trigger.name: trigger.compile(model).hash for trigger in model.workflow.triggers()}
        assert wanted.items() <= present.items()

    @each_model
    def test_the_table_speaks_of_the_models_states_only_and_reaches_all(self, model):
        states = set(model._meta.get_field(model.workflow.field).get_choices(include_blank=False) and
                     [value for value, _ in model._meta.get_field(model.workflow.field).choices])  # fmt: skip
        assert {state for move in model.workflow.moves for state in move} | set(model.workflow.first) == states

    @each_model
    def test_a_diagram_is_drawn(self, model):
        drawn = diagrams()[f"{model.workflow.name}.md"]
        assert all(f"{source or 'none'} --> {target}:" in drawn for source, target in model.workflow.moves)

    @each_model
    def test_some_state_is_tied_to_its_date(self, model):
        dates = {field.name for field in model._meta.local_fields if isinstance(field, models.DateField)}
        tied = [
            constraint.name
            for constraint in model._meta.constraints
            if isinstance(constraint,
                models.CheckConstraint) and {model.workflow.field} < (names := _names_in(constraint.condition)) and names & dates
        ]
        assert tied


def _names_in(condition):
    found = set()
    for child in condition.children:
        found |= _names_in(child) if isinstance(child, models.Q) else {child[0].split("__")[0]}
    return found


@pytest.mark.django_db
class TestInstalled:
    def test_the_triggers_are_in_the_database(self):
        with connection.cursor() as cursor:
            cursor.execute("select tgname from pg_trigger where not tgisinternal and tgenabled = 'O'")
            present = {name for (name,) in cursor.fetchall()}
        wanted = {trigger.get_pgid(model) for model in ALL for trigger in model.workflow.triggers()}
        assert len(wanted) > 35
        assert wanted <= present


class Tried:
    """One row and the ways by which somebody could try to change its state."""

    def __init__(self, row):
        self.row, self.model, self.field = row, type(row), type(row).workflow.field
        self.table = self.model._meta.db_table
        self.column = self.model._meta.get_field(self.field).column

    def update(self, state):
        self.model._base_manager.filter(pk=self.row.pk).update(**{self.field: state})

    def raw(self, state):
        with connection.cursor() as cursor:
            cursor.execute(f'update "{self.table}" set "{self.column}" = %s where id = %s', [state, self.row.pk])

    def upsert(self, state):
        """INSERT … ON CONFLICT DO UPDATE of the very row."""
        with connection.cursor() as cursor:
            cursor.execute(
                f'insert into "{self.table}" overriding system value select * from "{self.table}" where id = %s'
                f' on conflict (id) do update set "{self.column}" = %s', [self.row.pk, state],
            )  # fmt: skip

    def copied_over(self, state):
        """COPY into a table of one's own, and from there over the row."""
        with connection.cursor() as cursor:
            cursor.execute("create temporary table wanted (id bigint, state text) on commit drop")
            cursor.copy_expert("copy wanted from stdin", io.StringIO(f"{self.row.pk}\t{state}\n"))
            cursor.execute(f'update "{self.table}" t set "{self.column}" = w.state from wanted w where w.id = t.id')

    def copied_in(self, state):
        """COPY of a new row that is in a later state from the beginning."""
        columns = [field.column for field in self.model._meta.local_concrete_fields]
        listed = ", ".join(f'"{column}"' for column in columns)
        with connection.cursor() as cursor:
            written = io.StringIO()
            cursor.copy_expert(f'copy (select {listed} from "{self.table}" where id = {self.row.pk}) to stdout', written)
            line = written.getvalue().rstrip("\n").split("\t")
            line[columns.index("id")], line[columns.index(self.column)] = str(2**40), state
            cursor.copy_expert(f'copy "{self.table}" ({listed}) from stdin', io.StringIO("\t".join(line) + "\n"))

    CHANGES = (update, raw, upsert, copied_over)


def refused_by(call, *arguments):
    """The error's text, "" if nothing refused."""
    try:
        with transaction.atomic():
            call(*arguments)
            transaction.set_rollback(True)
    except (DatabaseError, psycopg2.Error) as refused:  # COPY is the driver's own
        return str(refused)
    return ""


def forbidden(workflow, state):
    allowed = {target for source, target in workflow.moves if source == state} | {state}
    return [str(value) for value in (*workflow.states.values, "nonsense") if value not in allowed]


def move(row, state, facts):
    with transaction.atomic():
        type(row)._base_manager.filter(pk=row.pk).update(**{row.workflow.field: state, **facts})
    row.refresh_from_db()


@pytest.mark.django_db
class TestNobodyGoesRound:
    @each_model
    def test_a_state_that_may_not_follow(self, house, model):
        """Refused by the moves, or by what stands beside them (a decision that stands), never taken."""
        row, steps = road(model, house)
        attempts = 0
        for state, facts in [*steps, (None, {})]:
            here = getattr(row, model.workflow.field)
            for wanted in forbidden(model.workflow, here):
                for way in Tried.CHANGES:
                    attempts += 1
                    assert "pgtrigger:" in refused_by(way, Tried(row), wanted), (here, wanted, way.__name__)
            if state is not None:
                move(row, state, facts)
        assert attempts >= 8

    @each_model
    def test_a_row_that_begins_elsewhere(self, house, model):
        row, _ = road(model, house)
        first = model.workflow.first
        for state in [*(str(value) for value in model.workflow.states.values if value not in first), "nonsense"]:
            assert "begins in" in refused_by(Tried(row).copied_in, state), state

    @each_model
    def test_a_row_that_goes(self, house, model):
        if not model.workflow.kept:
            pytest.skip("its rows may go")
        row, _ = road(model, house)
        queryset = model._base_manager.filter(pk=row.pk)
        assert "Cannot delete" in refused_by(lambda: queryset._raw_delete(queryset.db))
        with connection.cursor() as cursor:
            assert "Cannot delete" in refused_by(cursor.execute, f'delete from "{model._meta.db_table}" where id = {row.pk}')
            assert refused_by(cursor.execute, f'truncate "{model._meta.db_table}" cascade')

    @each_model
    def test_a_state_without_its_date(self, house, model):
        """Neither the move without its date, nor the date taken away afterwards."""
        row, steps = road(model, house)
        tried = 0
        for state, facts in steps:
            dates = [name for name, value in facts.items() if value and isinstance(model._meta.get_field(name), models.DateField)]
            for name in dates:
                tried += 1
                with pytest.raises(IntegrityError), transaction.atomic():
                    move(row, state, facts | {name: None})
                row.refresh_from_db()
            move(row, state, facts)
        assert tried

    @each_model
    def test_without_the_trigger_it_would_pass(self, house, model):
        """The negative control: with the moves ignored nothing but a check of dates stands in the way."""
        row, _ = road(model, house)
        wanted = forbidden(model.workflow, getattr(row, model.workflow.field))
        names = [f"{model._meta.label}:{trigger.name}" for trigger in model._meta.triggers]
        with pgtrigger.ignore(*names):
            said = [refused_by(Tried(row).update, state) for state in wanted]
        assert said
        assert all(sentence == "" or "violates check constraint" in sentence for sentence in said), said

    def test_the_trigger_is_an_error_of_the_database(self, house):
        row, _ = road(Case, house)
        with pytest.raises(InternalError, match="Invalid transition"), transaction.atomic():
            Case.objects.filter(pk=row.pk).update(state="closed")
