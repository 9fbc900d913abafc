"""The address of a child's page is the one its URL says."""

import uuid

from django.urls import clear_script_prefix, reverse, set_script_prefix

from students.models import Child


def test_each_child_has_its_own_page():
    for child in (Child(public_id=uuid.uuid4()), Child(public_id=uuid.uuid4())):
        assert child.get_absolute_url() == reverse("archives:child_detail", args=[child.public_id])


def test_it_stands_below_the_folder_of_the_house():
    child = Child(public_id=uuid.uuid4())
    try:
        set_script_prefix("/county/")
        assert child.get_absolute_url() == reverse("archives:child_detail", args=[child.public_id])
        assert child.get_absolute_url().startswith("/county/")
    finally:
        clear_script_prefix()
