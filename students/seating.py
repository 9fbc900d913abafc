"""Which class of a school a pupil may be put into: one where the grade sits. Without a class nobody marks the pupil's attendance."""

from core.models import Organization
from students.attendance import classes_of
from students.rules.grades import Grade, grade_label


def classes_at(school, on):
    """[SchoolClass] of a school: those with pupils, in the order of a school, then those that have none yet."""
    nodes = Organization.objects.in_force(on).filter(parent=school, kind=Organization.Kind.CLASS)
    seated = classes_of(nodes, on)
    return seated, list(nodes.exclude(pk__in=[one.node.pk for one in seated]).order_by("code"))


def grades_of(seated):
    return {(row.stage, row.grade) for row in seated.pupils if row.grade}


def fitting(school, stage, grade, on):
    """The only class where the grade sits; None where there is none or a choice."""
    found = [one for one in classes_at(school, on)[0] if (stage, grade) in grades_of(one)]
    return found[0].node if len(found) == 1 else None


def called(one):
    """The label of the year beside the name of the cohort: a nine-year school has a 2026级1班 twice, 一年级1班 and 七年级1班."""
    return one.label if one.label == one.node.name else f"{one.label}（{one.node.name}）"


def labels_of(nodes, on):
    """{node id: what it is called in a list to choose from} of class nodes (a QuerySet) that have pupils; two queries."""
    return {one.node.pk: called(one) for one in classes_of(nodes, on)}


def choices(school, on):
    """[(public id, label)] of the classes."""
    seated, empty = classes_at(school, on)
    named = [(one.node, called(one)) for one in seated]
    return [(str(node.public_id), label) for node, label in [*named, *((node, f"{node.name}（还没有学生）") for node in empty)]]


def why_not_class(node, school, stage, grade, on):
    """None for no class, one of the school that has nobody yet, or one where the grade sits; else the sentence."""
    if node is None:
        return None
    if node.parent_id != school.pk:
        return f"{node.name}不是{school.name}的班级，请重新选择。"
    seated = classes_of(Organization.objects.filter(pk=node.pk), on)
    if seated and grades_of(seated[0]) and (stage, grade) not in grades_of(seated[0]):
        return f"{school.name}{seated[0].label}没有{grade_label(Grade(stage, grade))}的学生，请选编入年级的班。"
    return None
