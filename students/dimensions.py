"""By what the figures about children are broken down (domain.md §3.13): 学段 性别 乡镇 学校 户类型 民族 残疾. SQL and words, no clock.

A source of figures is a list of common table expressions that ends in `raw`: child, item (what stands beside the name, "" for nothing),
stage, school_id, township_id (where the child has no registered home) and its own flags. FACTS adds the dimensions to each of its rows.
"""

from core.models import Organization
from students.models import Section
from students.rules.codes import ETHNIC_GROUPS, OVERRULED, POLICY_ENDED, RISK_CLEARED, SEXES

IN_FORCE = "x.since <= %(on)s and (x.until is null or x.until > %(on)s)"


def _among(codes):
    return "x.code in (" + ", ".join(f"'{code}'" for code in codes) + ")"


# a list of those who no longer are poor (at risk) overrules the lists that grant (SpecialGroup.objects.in_force says the same)
GROUPS = f"""
groups as materialized (
    select x.child_id, bool_or({_among(OVERRULED[POLICY_ENDED])}) and not bool_or(x.code = '{POLICY_ENDED}') as lifted,
           bool_or({_among(OVERRULED[RISK_CLEARED])}) and not bool_or(x.code = '{RISK_CLEARED}') as monitored,
           bool_or(x.code = 'C1') as disabled
    from students_specialgroup x where {IN_FORCE} group by 1)"""
FACTS = f"""{GROUPS},
homes as materialized (
    select distinct on (x.child_id) x.child_id, h.village_id from students_registration x join students_household h on h.id = x.household_id
    where x.counts and {IN_FORCE} order by x.child_id, x.id),
townships as materialized (
    select v.id as village_id, o.id from core_organization v cross join lateral unnest(v.path) as above(id)
    join core_organization o on o.id = above.id and o.kind = 'township'),
facts as (
    select raw.*, k.sex, k.ethnic, k.pinyin, coalesce(raw.school_id::text, '') as school,
           coalesce(townships.id, raw.township_id)::text as township,
           case when groups.monitored then 'monitored' when groups.lifted then 'lifted' else 'other' end as household,
           case when groups.disabled then 'yes' else 'no' end as disability
    from raw join students_child k on k.id = raw.child and k.merged_into_id is null
        and (%(nodes)s::bigint[] is null or k.scope_nodes && %(nodes)s::bigint[])
    left join groups on groups.child_id = raw.child left join homes on homes.child_id = raw.child
    left join townships on townships.village_id = homes.village_id)
"""
DIMENSIONS = {
    "stage": "学段", "sex": "性别", "township": "乡镇", "school": "学校", "household": "户类型", "ethnic": "民族", "disability": "残疾",
}  # fmt: skip
WORDS = {
    "stage": dict(Section.Stage.choices), "sex": SEXES, "ethnic": ETHNIC_GROUPS, "disability": {"yes": "持证残疾", "no": "其他"},
    "household": {"lifted": "脱贫户", "monitored": "监测户", "other": "其他"},
}  # fmt: skip


def words_of(dimension, values):
    """{value: what the screen calls it}."""
    if dimension in WORDS:
        return {value: WORDS[dimension].get(value, "未说明") for value in values}
    named = Organization.objects.in_bulk([int(value) for value in values if value])
    return {value: named[int(value)].name if value else f"不在{DIMENSIONS[dimension]}" for value in values}


def in_order(dimension, words):
    """The values of a dimension as a table lists them: stages and kinds in their own order, places by name, what is not said last."""
    own = list(WORDS.get(dimension, ()))
    return sorted(words, key=lambda value: (not value, own.index(value) if value in own else len(own), words[value], value))
