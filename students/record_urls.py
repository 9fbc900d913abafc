"""Addresses of the pages that join, part, correct and reach a child's record."""

from django.urls import path

from students.views import contacts, corrections, households, joining

routes = [
    path("records/<uuid:public_id>/contacts/", contacts.child_contacts, name="child_contacts"),
    path("records/<uuid:public_id>/contacts/add/", contacts.child_contact_record, name="child_contact_record"),
    path("households/<uuid:public_id>/contacts/", contacts.household_contacts, name="household_contacts"),
    path("households/<uuid:public_id>/contacts/add/", contacts.household_contact_record, name="household_contact_record"),
    path("households/<uuid:public_id>/print/", households.household_print, name="household_print"),
    path("households/<uuid:public_id>/export/", households.household_export, name="household_export"),
    path("contacts/<uuid:public_id>/end/", contacts.contact_end, name="contact_end"),
    path("records/<uuid:public_id>/join/", joining.record_join, name="record_join"),
    path("records/<uuid:public_id>/join/<uuid:other_id>/", joining.record_merge, name="record_merge"),
    path("records/<uuid:public_id>/split/", joining.record_split, name="record_split"),
    path("records/<uuid:public_id>/claims/", joining.record_claims, name="record_claims"),
    path("merges/<uuid:public_id>/", joining.merge_detail, name="merge_detail"),
    path("merges/<uuid:public_id>/undo/", joining.merge_undo, name="merge_undo"),
    path("records/<uuid:public_id>/correct/", corrections.correction_request, name="correction_request"),
]
