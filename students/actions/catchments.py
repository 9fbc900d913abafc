"""Catchments of a school year: which section takes which village or group."""

from django.db import transaction

from core import audit, scope
from core.workflow import Refused
from students.models import Catchment
from students.rules.ages import school_year_bounds

PERMISSION = "set_catchments"
PLACE_KINDS = ("village", "group")


@transaction.atomic
def record_catchments(*, rows, by):
    """Rows of {section, place, school_year}. A place has one section of each stage: a second one takes the place of the first. Returns how
    many are new or changed; the same rows twice change nothing."""
    scope.require(by, PERMISSION, scope.root())
    wanted = {}
    for row in rows:
        if row["place"].kind not in PLACE_KINDS:
            raise Refused(f"学区由村（社区）或组划分，“{row['place'].name}”是{row['place'].get_kind_display()}。")
        wanted[(row["place"].pk, row["school_year"], row["section"].stage)] = row
    years = {row["school_year"] for row in rows}
    locked = Catchment.objects.select_for_update().filter(school_year__in=years, until=None)
    standing = {(row.place_id, row.school_year, row.stage): row for row in locked}
    changed = [standing[key] for key, row in wanted.items() if key in standing and standing[key].section_id != row["section"].pk]
    for row in changed:
        row.section = wanted[(row.place_id, row.school_year, row.stage)]["section"]
    Catchment.objects.bulk_update(changed, ["section"], batch_size=2000)
    new = [Catchment(stage=row["section"].stage, **row) for key, row in wanted.items() if key not in standing]
    Catchment.objects.bulk_create(new, batch_size=2000)
    if new or changed:
        audit.record("catchments_set", by=by, organization=scope.root(), new=len(new), changed=len(changed), years=sorted(years))
    return len(new) + len(changed)


@transaction.atomic
def end_catchment(*, catchment, on, reason, by):
    """The section no longer takes the place from the day `on`; what was counted before stays as it was. Refused with the sentence."""
    scope.require(by, PERMISSION, scope.root())
    row = Catchment.objects.select_for_update(of=("self",)).select_related("place", "section__school").get(pk=catchment.pk)
    first, last = school_year_bounds(row.school_year)
    if row.until is not None:
        raise Refused(f"{row.place.name}的这个学区已于 {row.until} 停用。")
    if not first <= on <= last:
        raise Refused(f"停用日期 {on} 不在这个学年里（{first} 至 {last}）。")
    row.until, row.ended_why = on, reason[:200]
    row.save(update_fields=["until", "ended_why"])
    audit.record("catchment_ended", by=by, organization=row.section.school, reason=reason, place=row.place.code, stage=row.stage,
        on=str(on))
    return row


@transaction.atomic
def copy_year(*, school_year, by):
    """The catchments of the year before for the places that have none yet in `school_year`."""
    have = set(Catchment.objects.filter(school_year=school_year, until=None).values_list("place_id", "stage"))
    before = Catchment.objects.filter(school_year=school_year - 1, until=None, section__until=None).select_related("section", "place")
    missing = [row for row in before if (row.place_id, row.stage) not in have]
    rows = [{"section": row.section, "place": row.place, "school_year": school_year} for row in missing]
    return record_catchments(rows=rows, by=by)
