"""How cases follow when two records of a child become one (students.actions.following)."""

from dropout.models import Case
from students.actions.following import Follow, declare

EPISODES = """
update dropout_case t set episode = t.episode + greatest(
    (select max(o.episode) from dropout_case o where o.child_id = p.target),
    (select max(o.episode) from dropout_case o where o.child_id = p.source))
from merging_pair p where {chosen} and exists (select 1 from dropout_case o where o.child_id = p.target)
"""

TAKEN = """exists (select 1 from dropout_absence o where o.child_id = p.target and (o.first_on = t.first_on and o.first_half = t.first_half
           or o.state in ('running', 'reported') and t.state in ('running', 'reported')))"""


def clashes(pairs):
    """{source id: sentence} where both records have a case that is not closed: a child has one at a time."""
    children = {pk for pair in pairs for pk in pair}
    unclosed = dict(Case.objects.filter(child__in=children).exclude(state="closed").values_list("child", "number"))
    return {
        source: f"两条记录各有一个未销号的个案({unclosed[source]}、{unclosed[target]}),不能直接合并。请先把其中一个办结(核减的先恢复为疑似)。"
        for source, target in pairs
        if source in unclosed and target in unclosed
    }


def declare_follows():
    """The episodes of the record that goes are counted on after those of the one that stays."""
    declare(
        Follow(
            "dropout.Case", words="控辍个案", images=("episode",), fits=EPISODES, clashes=clashes, ignores=("dropout.Case:case_identity",),
        ),
        Follow("dropout.Absence", words="缺勤记录", unless=TAKEN),
    )  # fmt: skip
