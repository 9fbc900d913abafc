"""Corrections of a child's particulars by change request, and their hold against later lists."""

from datetime import date

from django.db import connection
from django.utils import timezone

from core.actions import change_requests
from core.actions.change_requests import Changeable, Subject
from core.crypto import blind_index, last_four_index, mask
from students.models import Child, ChildNumber, Correction
from students.rules import codes, identity, names

KIND = "students.child"
NUMBER_FIELD = "person.id_number"
# What stands against the lists; deriving may join it (as h) to its own best row.
HELD = """
select c.child_id, max(c.value) filter (where c.field = 'name') as name,
       max(c.details ->> 'name_key') filter (where c.field = 'name') as name_key,
       max(c.details ->> 'pinyin') filter (where c.field = 'name') as pinyin,
       max(c.value) filter (where c.field = 'birth_on') as birth_on, max(c.value) filter (where c.field = 'sex') as sex,
       max(c.value) filter (where c.field = 'ethnic') as ethnic, max(c.number_id) as number_id
from students_correction c where c.superseded_at is null and c.child_id in (select child_id from touched_child) group by c.child_id
"""
HOLD = f"""
with wanted as (
    select c.id, coalesce(h.name, c.name) as name, coalesce(h.name_key, c.name_key) as name_key, coalesce(h.pinyin, c.pinyin) as pinyin,
           coalesce(h.birth_on::date, c.birth_on) as birth_on, coalesce(h.sex, c.sex) as sex, coalesce(h.ethnic, c.ethnic) as ethnic,
           coalesce(n.number, c.number) as number, coalesce(n.identity, c.number_index) as number_index,
           coalesce(n.last_four_index, c.last_four_index) as last_four_index,
           case when n.id is null then c.number_state when length(coalesce(n.number, '')) > 0 then 'valid' else c.number_state end
               as number_state
    from ({HELD}) h join students_child c on c.id = h.child_id left join students_childnumber n on n.id = h.number_id)
update students_child c set name = w.name, name_key = w.name_key, pinyin = w.pinyin, birth_on = w.birth_on, sex = w.sex, ethnic = w.ethnic,
       number = w.number, number_index = w.number_index, last_four_index = w.last_four_index, number_state = w.number_state,
       version = c.version + 1
from wanted w where w.id = c.id and (c.name, c.birth_on, c.sex, c.ethnic, c.number_index)
    is distinct from (w.name, w.birth_on, w.sex, w.ethnic, w.number_index)
"""


def hold():
    """Bring approved corrections of the touched children back over what the lists say; running it twice changes nothing."""
    with connection.cursor() as cursor:
        cursor.execute(HOLD)


def find(public_id, lock=False):
    children = Child.objects.here()
    if lock:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(hashtext('students.lists'))")
        children = children.select_for_update(of=("self",))
    return children.filter(public_id=public_id).first()


def current(child, field):
    value = getattr(child, field)
    return value.isoformat() if isinstance(value, date) else value or ""


def why_not(child, field, new):
    """A number that is another child's is no correction: the two records are to be looked at."""
    if field != "number":
        return None
    holder = ChildNumber.objects.filter(identity=blind_index(new, NUMBER_FIELD)).exclude(child=child).select_related("child").first()
    if holder:
        return "这个号码已经登记在另一名儿童的记录上。是同一人的，请学籍管理员合并两条记录；不是的，请核对号码。"
    return None


def apply(child, field, new, request, by):
    """The particular as approved: in the child's record, and as a fact that stands."""
    Correction.objects.filter(child=child, field=field, superseded_at=None).update(superseded_at=timezone.now())
    made = Correction(child=child, field=field, request=request, by=by)
    if field == "number":
        made.number = _number(child, new)
        child.number, child.number_index, child.last_four_index = new, bytes(made.number.identity), last_four_index(new)
        child.number_state = Child.NumberState.VALID
    else:
        made.value = new
        setattr(child, field, date.fromisoformat(new) if field == "birth_on" else new)
    if field == "name":
        child.name_key, child.pinyin = names.name_key(new)[:60], names.pinyin_initials(new)[:20]
        made.details = {"name_key": child.name_key, "pinyin": child.pinyin}
    made.save()
    child.version += 1
    child.save()


def _number(child, text):
    known = {
        "child": child, "number": text, "last_four_index": last_four_index(text), "source": ChildNumber.Source.RESIDENT, "valid": True,
        "name_key": child.name_key, "birth_on": identity.birth_of(text) or child.birth_on, "birth_stated": False,
    }  # fmt: skip
    return ChildNumber.objects.get_or_create(identity=blind_index(text, NUMBER_FIELD), defaults=known)[0]


def clean_name(text):
    name = names.clean_name(text)
    return name, None if 1 < len(name) <= 60 else "姓名至少两个字，不超过 60 个字。"


def clean_birth(text):
    try:
        born = date.fromisoformat(text.strip())
    except ValueError:
        return "", "出生日期请写成 2013-02-07 这样。"
    return born.isoformat(), None if date(1990, 1, 1) <= born <= timezone.localdate() else f"出生日期 {born} 不合理，请核对。"


def clean_number(text):
    number = identity.normalise_number(text)
    if number.form not in (identity.RESIDENT, identity.OTHER_DOCUMENT):
        return "", (number.warnings or ("证件号无法辨认。",))[-1] + "。请与户口簿核对。"
    return number.text, None


def clean_code(table, label):
    return lambda text: (text, None if text in table else f"{label}“{text}”不认识，请从列表中选。")


SEXES = dict(Child.Sex.choices)
FIELDS = (
    Changeable("name", "姓名", clean_name, proof=True),
    Changeable("birth_on", "出生日期", clean_birth, proof=True),
    Changeable("sex", "性别", clean_code(SEXES, "性别"), show=lambda text: SEXES.get(text, text)),
    Changeable("ethnic", "民族", clean_code(codes.ETHNIC_GROUPS, "民族"), show=lambda text: codes.ETHNIC_GROUPS.get(text, text)),
    Changeable("number", "证件号", clean_number, show=mask, proof=True),
)


def register():
    change_requests.register(
        Subject(KIND, FIELDS, find, nodes=lambda child: child.scope_nodes, current=current, apply=apply, why_not=why_not)
    )  # fmt: skip
