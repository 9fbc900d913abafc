from django.urls import path

from dropout.views import absences, attendance, cases, indicators, papers, platform, steps, suspects, visits

app_name = "dropout"
urlpatterns = [
    path("suspects/", suspects.suspect_list, name="suspect_list"),
    path("suspects/open/", suspects.suspect_open, name="suspect_open"),
    path("platform/", platform.platform_list, name="platform_list"),
    path("platform/export/", platform.platform_export, name="platform_export"),
    path("absences/", absences.absence_list, name="absence_list"),
    path("absences/export/", absences.absence_export, name="absence_export"),
    path("absences/<uuid:public_id>/", absences.absence_detail, name="absence_detail"),
    path("absences/<uuid:public_id>/receive/", absences.absence_receive, name="absence_receive"),
    path("absences/<uuid:public_id>/print/", absences.absence_print, name="absence_print"),
    path("indicators/", indicators.indicator_list, name="indicator_list"),
    path("indicators/export/", indicators.indicator_export, name="indicator_export"),
    path("indicators/names/", indicators.indicator_names, name="indicator_names"),
    path("indicators/names/export/", indicators.indicator_names_export, name="indicator_names_export"),
    path("indicators/detail/", indicators.indicator_detail, name="indicator_detail"),
    path("cases/", cases.case_list, name="case_list"),
    path("cases/export/", cases.case_export, name="case_export"),
    path("cases/open/<uuid:public_id>/", suspects.case_open, name="case_open"),
    path("cases/<uuid:public_id>/", cases.case_detail, name="case_detail"),
    path("cases/<uuid:public_id>/visit/", visits.visit_record, name="visit_record"),
    path("cases/<uuid:public_id>/print/<str:paper>/", papers.case_print, name="case_print"),
    path("attendance/<uuid:public_id>/correct/", attendance.attendance_correct, name="attendance_correct"),
    path("cases/<uuid:public_id>/<str:name>/", steps.case_transition, name="case_transition"),
    path("visits/<uuid:public_id>/correct/", visits.visit_correct, name="visit_correct"),
    path("evidence/<uuid:public_id>/", cases.evidence_file, name="evidence_file"),
]
