"""A pupil who comes to a school that does not know the child yet: found by the exact number and name, or recorded anew."""

from django.db import transaction

from core import audit, crypto
from core.workflow import Refused
from students.models import Child, ChildNumber, ChildPlace
from students.rules import identity, names

FIELD = "person.id_number"


def child_of(*, name, number, school, on, by):
    """The child of this number and name, made with a place at `school` where no list knows it. Refused with the sentence where the
    number cannot be used or belongs to another name. Every question leaves an audit row, the refused ones too: it reaches beyond the
    person's scope."""
    read, name = identity.normalise_number(number), names.clean_name(name)
    if read.form != identity.RESIDENT:
        raise Refused(f"证件号不能使用：{'；'.join(read.warnings) or '不是 18 位居民身份证号'}。请核对户口簿后重新填写。")
    if not name:
        raise Refused("请填写学生姓名。")
    index = crypto.blind_index(read.text, FIELD)
    known = ChildNumber.objects.filter(identity=index).select_related("child").first()
    audit.record_view("child_asked_by_number", by=by, subject=known.child if known else None, organization=school, found=bool(known))
    if known is None:
        return _made(name, read.text, index, school, on)
    if names.name_key(name) not in (known.child.name_key, known.name_key):
        raise Refused("这个证件号在系统里登记的是另一个姓名。请核对姓名和证件号；确认无误的，请学籍管理员更正。")
    return known.child


@transaction.atomic
def _made(name, number, index, school, on):
    born, last_four = identity.birth_of(number), crypto.last_four_index(number)
    child = Child.objects.create(
        name=name[:60], name_key=names.name_key(name)[:60], pinyin=names.pinyin_initials(name)[:20], sex=identity.sex_of(number),
        birth_on=born, number=number, number_index=index, last_four_index=last_four, number_state="valid",
        scope_nodes=sorted(school.path),
    )  # fmt: skip
    ChildNumber.objects.create(
        child=child, identity=index, number=number, last_four_index=last_four, source="resident", valid=True, name_key=child.name_key,
        birth_on=born, birth_stated=False,
    )  # fmt: skip
    ChildPlace.objects.create(child=child, node=school, why=ChildPlace.Why.REPORTED, since=on)
    return child
