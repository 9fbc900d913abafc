"""The generic checker of a workflow table: one call disables the button and refuses the POST (design.md §1).

The models take their triggers from their tables, so nothing is imported here that imports a model.
"""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import pgtrigger

from core.roles import Forbidden

UNNAMED = "none"  # the empty state in a diagram


class NoRight(str):
    """A sentence that refuses one person for want of a right; one that tells a rule, which stands in the way of anybody, is a plain str."""


class Refused(Forbidden):
    """A transition that may not be; the message is the sentence the user reads: of a rule, or a NoRight."""

    @property
    def is_rule(self):
        return not (self.args and isinstance(self.args[0], NoRight))


@dataclass(frozen=True)
class Transition:
    """One row of the table. `missing(obj)` gives the sentence of what is still wanting, or None; `other_than(obj)` the ids of people
    who did the earlier step and may not do this one; `days` the deadline after entering the target state. Without a `permission` it is
    the programme's own step, or the action asks who may."""

    name: str
    label: str
    sources: tuple[str, ...]
    target: str
    permission: str = ""
    missing: Callable | None = None
    other_than: Callable | None = None
    basis: str = ""
    days: int | None = None


@dataclass(frozen=True)
class Workflow:
    """States, the first of them and the transitions; `nodes(obj)` gives the nodes on which a permission counts.

    `initial`: the state in which a row begins, or several, where a row may be found in a later one at once. `kept`: rows are never deleted.
    A model names its table in the attribute `workflow` and takes `triggers()` from it."""

    name: str
    states: type
    initial: str | tuple[str, ...]
    transitions: tuple[Transition, ...]
    nodes: Callable = lambda obj: ()
    field: str = "state"
    kept: bool = True
    table: dict = dataclasses.field(init=False)  # `field` is taken by the line above

    def __post_init__(self):
        object.__setattr__(self, "table", {transition.name: transition for transition in self.transitions})

    def why_not(self, obj, name, user):
        """None if `user` may take `obj` through `name` now, else the sentence why not."""
        from core.scope import ACT_LABELS, may

        transition = self.table[name]
        state = getattr(obj, self.field)
        if state not in transition.sources:
            wanted = "、".join(str(self.states(source).label) for source in transition.sources)
            return f"现在是“{self.states(state).label}”，只有“{wanted}”才能{transition.label}。"
        if not any(may(user, transition.permission, node) for node in self.nodes(obj)):
            wanted = ACT_LABELS.get(transition.permission, transition.permission)
            return NoRight(f"您的角色不能{transition.label}，需要“{wanted}”权限。")
        if transition.other_than and user.pk in transition.other_than(obj):
            return f"{transition.label}要由另一个人办理：前一步是您本人经手的。"
        return transition.missing(obj) if transition.missing else None

    def require(self, obj, name, user):
        """The transition, or Refused with the sentence."""
        sentence = self.why_not(obj, name, user)
        if sentence:
            raise Refused(sentence)
        return self.table[name]

    def open_to(self, obj, user):
        """(transition, sentence or None) for each transition that leaves the present state and whose permission `user` holds there."""
        from core.scope import may

        state = getattr(obj, self.field)
        return [
            (transition, self.why_not(obj, transition.name, user))
            for transition in self.transitions
            if state in transition.sources and any(may(user, transition.permission, node) for node in self.nodes(obj))
        ]

    @property
    def first(self):
        return (self.initial,) if isinstance(self.initial, str) else tuple(self.initial)

    @property
    def moves(self):
        """(from, to), each once."""
        return sorted({(str(source), str(transition.target)) for transition in self.transitions for source in transition.sources})

    def triggers(self):
        """The same table in the database: only its moves, only its first state, no delete."""
        first = self.first
        elsewhere = {f"new__{self.field}__df": first[0]} if len(first) == 1 else {f"new__{self.field}__in": list(first)}
        begins = pgtrigger.Trigger(
            name=f"{self.name}_initial",
            when=pgtrigger.Before,
            operation=pgtrigger.Insert,
            condition=pgtrigger.Q(**elsewhere) if len(first) == 1 else ~pgtrigger.Q(**elsewhere),
            func=f"RAISE EXCEPTION 'pgtrigger: % begins in {' or '.join(first)}', TG_TABLE_NAME;",
        )
        stays = [pgtrigger.Protect(name=f"{self.name}_no_delete", operation=pgtrigger.Delete)] if self.kept else []
        return [pgtrigger.FSM(name=f"{self.name}_moves", field=self.field, transitions=self.moves), begins, *stays]

    def diagram(self):
        """The table as a Mermaid state diagram, for docs/states/."""
        lines = ["stateDiagram-v2", *(f"    [*] --> {state or UNNAMED}" for state in self.first)]
        for transition in self.transitions:
            words = f"{transition.label} ({transition.permission})" if transition.permission else transition.label
            lines += [f"    {source or UNNAMED} --> {transition.target}: {words}" for source in transition.sources]
        return "\n".join(lines) + "\n"
