"""Addresses of the roll: changes, calls, the turn of the year, registration."""

from django.urls import path

from students.views import arrivals, guardian_calls, roll_change_steps, roll_changes, units, year_turns

urlpatterns = [
    path("roll-changes/", roll_changes.roll_change_list, name="roll_change_list"),
    path("roll-changes/export/", roll_changes.roll_change_export, name="roll_change_export"),
    path("roll-changes/arrival/", roll_change_steps.roll_change_arrival, name="roll_change_arrival"),
    path("roll-changes/calls/", guardian_calls.guardian_call_list, name="guardian_call_list"),
    path("roll-changes/calls/draw/", guardian_calls.guardian_call_draw, name="guardian_call_draw"),
    path("roll-changes/of/<uuid:public_id>/", roll_change_steps.roll_change_start, name="roll_change_start"),
    path("roll-changes/proofs/<uuid:public_id>/", roll_changes.roll_change_proof, name="roll_change_proof"),
    path("roll-changes/<uuid:public_id>/", roll_changes.roll_change_detail, name="roll_change_detail"),
    path("roll-changes/<uuid:public_id>/print/", roll_changes.roll_change_print, name="roll_change_print"),
    path("roll-changes/<uuid:public_id>/call/", roll_change_steps.roll_change_call, name="roll_change_call"),
    path("roll-changes/<uuid:public_id>/<slug:name>/", roll_change_steps.roll_change_step, name="roll_change_step"),
    path("year-turns/", year_turns.year_turn_list, name="year_turn_list"),
    path("year-turns/apply/", year_turns.year_turn_apply, name="year_turn_apply"),
    path("year-turns/<uuid:public_id>/", year_turns.year_turn_detail, name="year_turn_detail"),
    path("year-turns/<uuid:public_id>/undo/", year_turns.year_turn_undo, name="year_turn_undo"),
    path("unplaced/", year_turns.unplaced_list, name="unplaced_list"),
    path("unplaced/export/", year_turns.unplaced_export, name="unplaced_export"),
    path("arrivals/", arrivals.arrival_overview, name="arrival_overview"),
    path("arrivals/missing/", arrivals.absentee_list, name="absentee_list"),
    path("arrivals/missing/export/", arrivals.absentee_export, name="absentee_export"),
    path("arrivals/missing/<uuid:public_id>/visit/", arrivals.absentee_visit, name="absentee_visit"),
    path("arrivals/boarding/", arrivals.boarding_check, name="boarding_check"),
    path("arrivals/boarding/export/", arrivals.boarding_check_export, name="boarding_check_export"),
    path("arrivals/<uuid:public_id>/", arrivals.arrival_count, name="arrival_count"),
    path("arrivals/<uuid:public_id>/boarding/", arrivals.boarding_keep, name="boarding_keep"),
    path("unit-changes/", units.unit_change_list, name="unit_change_list"),
    path("unit-changes/make/", units.unit_change_make, name="unit_change_make"),
    path("unit-changes/<uuid:public_id>/undo/", units.unit_change_undo, name="unit_change_undo"),
]
