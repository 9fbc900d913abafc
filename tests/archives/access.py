"""Rows of the access table for the pages of archives."""

from tests.access import of_child

ROUTES = {
    "archives:child_detail": of_child("see_children"),
    "archives:child_unmask": of_child("see_children", act="reveal_numbers", methods=("post",)),
}
