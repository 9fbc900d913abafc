"""How cases follow when two records of a child become one (students.actions.following)."""

from dropout.models import Case
from students.actions.following import Follow, declare

EPISODES = """
update dropout_case t set episode = t.episode + greatest(
    (select max(o.episode) from dropout_case o where o.child_id = p.target),
    (select max(o.episode) from dropout_case o where o.child_id = p.source))
from merging_pair p where {chosen} and exists (select 1 from dropout_case o where o.child_id = p.target)
"""

# The same absence told twice: both begin with the same half-day, or both are still open. The one whose report went out stays, else the
# target's; the other is folded into it and keeps its events and its report (Absence.folded_into).
FOLD = """
with twin as (
    select t.id as gone, o.id as kept, exists (select 1 from dropout_absencereport r where r.absence_id = t.id) as told,
           exists (select 1 from dropout_absencereport r where r.absence_id = o.id) as other_told,
           count(*) over (partition by t.id) + count(*) over (partition by o.id) as pairs,
           row_number() over (partition by t.id order by (o.first_on = t.first_on and o.first_half = t.first_half) desc, o.id) as nth
    from merging_pair p join dropout_absence t on {chosen} and t.folded_into_id is null
    join dropout_absence o on o.child_id = p.target and o.folded_into_id is null
     and (o.first_on = t.first_on and o.first_half = t.first_half
          or o.state in ('running', 'reported') and t.state in ('running', 'reported'))),
fold as (select case when turned then kept else gone end as gone, case when turned then gone else kept end as kept
         from (select *, told and not other_told and pairs = 2 as turned from twin where nth = 1) s)
update dropout_absence a set folded_into_id = f.kept from fold f where a.id = f.gone
"""


def clashes(pairs):
    """{source id: sentence} where both records have a case that is not closed: a child has one at a time."""
    children = {pk for pair in pairs for pk in pair}
    unclosed = dict(Case.objects.filter(child__in=children).exclude(state="closed").values_list("child", "number"))
    return {
        source: f"两条记录各有一个未销号的个案（{unclosed[source]}、{unclosed[target]}），不能直接合并。请先把其中一个办结（核减的先恢复为疑似）。"
        for source, target in pairs
        if source in unclosed and target in unclosed
    }


def declare_follows():
    """The episodes of the record that goes are counted on after those of the one that stays."""
    declare(
        Follow(
            "dropout.Case", words="控辍个案", images=("episode",), fits=EPISODES, clashes=clashes, ignores=("dropout.Case:case_identity",),
        ),
        Follow("dropout.Absence", words="缺勤记录", images=("folded_into_id",), fits=FOLD),
    )  # fmt: skip
