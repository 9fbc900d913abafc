from django.urls import path

from students.views import children, comparison, households, matches, school_days, schools, snapshots

app_name = "students"
urlpatterns = [
    path("students/", children.child_list, name="child_list"),
    path("students/search/", children.child_search, name="child_search"),
    path("students/export/", children.child_export, name="child_export"),
    path("schools/", schools.school_list, name="school_list"),
    path("schools/<uuid:public_id>/", schools.school_detail, name="school_detail"),
    path("schools/<uuid:public_id>/unmask/", schools.school_unmask, name="school_unmask"),
    path("school-calendar/", school_days.calendar_list, name="calendar_list"),
    path("school-calendar/terms/", school_days.term_set, name="term_set"),
    path("school-calendar/days/<uuid:public_id>/withdraw/", school_days.calendar_withdraw, name="calendar_withdraw"),
    path("school-calendar/<uuid:public_id>/", school_days.calendar_detail, name="calendar_detail"),
    path("school-calendar/<uuid:public_id>/declare/", school_days.calendar_declare, name="calendar_declare"),
    path("households/", households.household_list, name="household_list"),
    path("households/<uuid:public_id>/", households.household_detail, name="household_detail"),
    path("lists/", snapshots.snapshot_list, name="snapshot_list"),
    path("lists/upload/", snapshots.snapshot_upload, name="snapshot_upload"),
    path("lists/<uuid:public_id>/", snapshots.snapshot_detail, name="snapshot_detail"),
    path("lists/<uuid:public_id>/progress/", snapshots.snapshot_progress, name="snapshot_progress"),
    path("lists/<uuid:public_id>/read/", snapshots.snapshot_read, name="snapshot_read"),
    path("lists/<uuid:public_id>/approve/", snapshots.snapshot_approve, name="snapshot_approve"),
    path("lists/<uuid:public_id>/withdraw/", snapshots.snapshot_withdraw, name="snapshot_withdraw"),
    path("lists/<uuid:public_id>/undo/", snapshots.snapshot_undo, name="snapshot_undo"),
    path("lists/<uuid:public_id>/annotated/", snapshots.snapshot_annotated, name="snapshot_annotated"),
    path("account/", comparison.comparison, name="comparison"),
    path("account/names/", comparison.comparison_names, name="comparison_names"),
    path("account/export/", comparison.comparison_export, name="comparison_export"),
    path("matches/", matches.match_list, name="match_list"),
    path("matches/<uuid:public_id>/", matches.match_decide, name="match_decide"),
]
