"""Roll changes: applied for with proofs, agreed on both sides, approved by the bureau, entered, and taken back where they were wrong."""

from django.db import IntegrityError, transaction
from django.db.models import Q

from core import audit
from core.actions.uploads import store_drawn, store_upload
from core.models import NumberSeries
from core.scope import may
from core.workflow import NoRight, Refused
from students import seating, workflow
from students.actions import calling, entering_rolls
from students.actions.moving_rolls import due_day, locked, move
from students.models import Child, Enrolment, RollChange, RollChangeEvent, RollChangeProof, Standing
from students.rules import roll_changes as rules
from students.rules.grades import STAGES

MOST_DAYS_BACK = 366
SHORTEST_REASON, REASON_OF_LEAVING = 4, 20  # characters
SUSPENDED = "suspended"


@transaction.atomic
def start(
    *, kind, child, by, on, effective_on, reason, evidence, school=None, target_school=None, drawn="", asked_by_target=False, **facts
):
    """A change is applied for. `evidence`: (kind, uploaded file) pairs; `drawn`: the guardian's signature as data URL, which makes the
    statement; `facts`: place, province, ends_on, target_stage, target_grade, target_class. Refused with the sentence."""
    child = Child.objects.select_for_update(no_key=True).get(pk=child.pk)
    spec = rules.KIND[kind]
    target_school = school if spec.opens and target_school is None else target_school
    change = RollChange(
        kind=kind, child=child, school=school if spec.starts_from != "away" else None, target_school=target_school if spec.opens else None,
        reason=reason.strip()[:300], effective_on=effective_on, started_on=on, started_by=by, asked_by_target=asked_by_target, **facts,
    )  # fmt: skip
    fill_present_facts(change)
    refuse_unfit(change, on)
    if not may(by, "start_roll_change", workflow.first_school(change)):
        raise Refused(NoRight(f"您不能为{workflow.first_school(change).name}申请学籍异动，请该校填报人办理。"))
    kinds = [code for code, _ in evidence] + (["statement"] if drawn else [])
    if sentence := rules.missing_evidence(spec, kinds):
        raise Refused(sentence)
    return _saved(change, evidence, drawn, on, by)


def _saved(change, evidence, drawn, on, by):
    change.number = f"异〔{on.year}〕{NumberSeries.objects.next_of(f'roll_change_{on.year}'):04d}"
    change.due_on = due_day(change.state, on)
    change.nodes = sorted({pk for node in workflow.places_of(change) for pk in node.path})
    try:
        with transaction.atomic():
            change.save()
    except IntegrityError as twice:
        raise Refused(f"{change.child.name}已有一项没有办结的异动，请先办结或撤回。") from twice
    RollChangeEvent.objects.create(change=change, name="start", target=change.state, happened_on=on, by=by, note=change.reason)
    add_proofs(change, evidence, drawn, by)
    audit.record("roll_change_started", by=by, subject=change.child, organization=workflow.first_school(change), change=change.number,
                 kind=change.kind)  # fmt: skip
    return change


def add_proofs(change, evidence, drawn, by):
    for code, upload in evidence:
        RollChangeProof.objects.create(change=change, kind=code, attachment=store_upload(upload, by), added_by=by)
    if drawn:
        RollChangeProof.objects.create(change=change, kind="statement", attachment=store_drawn(drawn, by), added_by=by)


def present_enrolment(child, school=None):
    """The child's enrolment that counts today (at `school`), the roll before the classroom; None without one."""
    found = Enrolment.objects.filter(child=child, until=None, counts=True)
    found = found.filter(school=school) if school is not None else found
    return found.select_related("school").order_by("-kind", "-accepted", "-pk").first()  # roll > attending


def fill_present_facts(change):
    """Stage and grade as they are; where the child goes to, the same ones unless others were given."""
    present = present_enrolment(change.child, change.school) if change.school else None
    if present:
        change.stage, change.grade = present.stage, present.grade
    if change.spec.opens and not change.target_stage:
        change.target_stage, change.target_grade = change.stage, change.grade


def refuse_unfit(change, on):
    """Refused with the first sentence of what speaks against the application."""
    for sentence in (*_against_person(change), *_against_facts(change, on)):
        if sentence:
            raise Refused(sentence)


def _against_person(change):
    child, spec = change.child, change.spec
    unclosed = RollChange.objects.open().filter(child=child).first()
    if unclosed:
        yield f"{child.name}已有一项没有办结的异动 {unclosed.number}（{unclosed.get_kind_display()}，{unclosed.get_state_display()}），请先办结或撤回。"
    present = present_enrolment(child, change.school)
    if spec.starts_from == "here" and present is None:
        yield f"{child.name}不在{change.school.name}的学籍或在校名册上，不能办理{spec.label}。请核对学校，或先更新名单。"
    if spec.starts_from == "away":
        here = present_enrolment(child)
        if here is not None and here.kind == "roll":
            yield f"{child.name}的学籍在本县{here.school.name}，请按“县内转学”办理。"
    suspended = is_suspended(child)
    if spec.starts_from == "suspended" and not suspended:
        yield f"{child.name}没有在休学，不用办理复学。"
    if change.kind == "suspension" and suspended:
        yield f"{child.name}已在休学。期满仍不能到校的，先办复学再办新的休学。"


def is_suspended(child):
    return (
        RollChange.objects.suspended().filter(child=child).exists() or Standing.objects.open().filter(child=child, code=SUSPENDED).exists()
    )


def _against_facts(change, on):
    spec, target = change.spec, change.target_school
    yield rules.why_not_stage(spec, change.stage) or rules.why_not_grade(spec, change.stage, change.grade)
    if change.kind == "suspension":
        yield rules.why_not_period(change.ends_on, change.effective_on)
    if not 0 <= (on - change.effective_on).days <= MOST_DAYS_BACK:
        yield f"生效日期 {change.effective_on} 不对：应在今天或以前、一年以内。"
    least = REASON_OF_LEAVING if change.kind == "left" else SHORTEST_REASON
    if len(change.reason) < least:
        yield f"原因至少写 {least} 个字，现有 {len(change.reason)} 个。"
    if "place" in spec.asks and not change.place.strip():
        yield f"“{spec.label}”要写明县外的学校或去处。"
    if change.kind == "transfer" and target == change.school:
        yield "转入学校与转出学校相同，请重新选择。"
    if spec.opens and not change.target_grade:
        yield "请选择编入的年级。"
    if spec.opens and not target.sections.filter(Q(until=None) | Q(until__gt=on), stage=change.target_stage).exists():
        yield f"{target.name}没有{STAGES.get(change.target_stage, '这个')}学段，请重新选择学校或年级。"
    if spec.opens and target.until is not None and target.until <= change.effective_on:
        yield f"{target.name}已于 {target.until} 停办，请选择现有学校。"
    yield seating.why_not_class(change.target_class, target, change.target_stage, change.target_grade, on)


@transaction.atomic
def agree(*, change, on, by, note=""):
    """The applying school's principal agrees: on to the other school, or to the bureau."""
    change = locked(change)
    event = move(change, "hand_on" if change.spec.road == "both" else "agree", on=on, by=by, note=note)
    _came_to_bureau(change, on)
    return event


@transaction.atomic
def accept(*, change, on, by, note="", target_class=None):
    """The other school agrees; the receiving one may name the class."""
    change = locked(change)
    if sentence := seating.why_not_class(target_class, change.target_school, change.target_stage, change.target_grade, on):
        raise Refused(sentence)
    more = {"target_class": target_class} if target_class is not None else {}
    event = move(change, "accept", on=on, by=by, note=note, **more)
    _came_to_bureau(change, on)
    return event


def _came_to_bureau(change, on):
    if change.state == "bureau":
        calling.draw_at_entry(change, on)


@transaction.atomic
def approve(*, change, on, by, note=""):
    """The bureau approves: the change is entered, and counts from its effective day."""
    change = locked(change)
    event = move(change, "approve", on=on, by=by, note=note, done_on=on)
    entering_rolls.enter(change, by)
    return event


@transaction.atomic
def send_back(*, change, on, by, note):
    return _with_reason(change, "send_back", on, by, note, "退回要写明原因，让学校知道怎么补。")


@transaction.atomic
def resubmit(*, change, on, by, note="", evidence=(), drawn=""):
    """The school has completed its papers and applies again."""
    change = locked(change)
    add_proofs(change, evidence, drawn, by)
    return move(change, "resubmit", on=on, by=by, note=note)


@transaction.atomic
def withdraw(*, change, on, by, note):
    return _with_reason(change, "withdraw", on, by, note, "撤回要写明原因。")


@transaction.atomic
def undo(*, change, on, by, note):
    """A change that was entered wrongly is taken back; refused while a later act of the same child builds on it."""
    change = locked(change)
    later = RollChange.objects.filter(child=change.child, state="done", pk__gt=change.pk).first()
    if later is not None:
        raise Refused(f"{change.child.name}后来又办结了异动 {later.number}（{later.get_kind_display()}），请先撤销它。")
    event = _with_reason(change, "undo", on, by, note, "撤销要写明原因。")
    entering_rolls.take_back(change, on, by)
    return event


def _with_reason(change, name, on, by, note, wanted):
    change = change if change.pk is None else locked(change)
    if len(note.strip()) < SHORTEST_REASON:
        raise Refused(wanted)
    return move(change, name, on=on, by=by, note=note)
