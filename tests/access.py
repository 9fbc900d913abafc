"""The language of the access table: what each named route asks of the person at the door.

An app's rows are the dict ROUTES in tests/<app>/access.py: URL name → Route, OPEN or SIGNED_IN.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass

OPEN = "open"  # nobody has to sign in
SIGNED_IN = "signed in"  # a person's own thing: no role asked


def nothing(house):
    return {}


@dataclass(frozen=True)
class Route:
    """`see` is the permission by which the page or its object is visible: without it a list answers 403, an object 404.

    `act` is the further permission of an act (403 without it; None: seeing is enough). `own` and `foreign` give the route's
    arguments for an object of the own and of the foreign side, `nodes` the ids of the own object's scope, `foreign_nodes` likewise.
    `query` is added to the address, `post` gives the form's fields (empty: the form is refused, which is an answer as well).
    `hidden`: whether a list answers 404 instead of 403; `bare`: whether everybody signed in may open it and scope only fills it.
    """

    see: str
    act: str | None = None
    methods: tuple[str, ...] = ("get",)
    own: Callable | None = None
    foreign: Callable | None = None
    nodes: Callable | None = None
    foreign_nodes: Callable | None = None
    query: str = ""
    post: Callable = nothing
    bare: bool = False


def of_child(see, name="public_id", **more):
    """A route about one child."""
    return Route(
        see=see,
        own=lambda house: {name: house.children.own.public_id},
        foreign=lambda house: {name: house.children.foreign.public_id},
        nodes=lambda house: house.children.own.scope_nodes,
        foreign_nodes=lambda house: house.children.foreign.scope_nodes,
        **more,
    )


def of_node(see, own, foreign, name="public_id", **more):
    """A route about one unit; `own` and `foreign` are names of House.nodes."""
    return Route(
        see=see,
        own=lambda house: {name: getattr(house.nodes, own).public_id},
        foreign=lambda house: {name: getattr(house.nodes, foreign).public_id},
        nodes=lambda house: getattr(house.nodes, own).path,
        foreign_nodes=lambda house: getattr(house.nodes, foreign).path,
        **more,
    )


def absent(arguments):
    """The same arguments naming something that never was."""
    return {name: uuid.UUID(int=1) if isinstance(value, uuid.UUID) else 2**40 for name, value in arguments.items()}
