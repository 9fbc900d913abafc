"""Addresses of the reports; archives.urls includes them."""

from django.urls import path

from archives.views import report_acts, report_files, report_paper, reports, timeliness

report_urls = [
    path("reports/", reports.report_list, name="report_list"),
    path("reports/scan/", report_paper.report_scan_join, name="report_scan_join"),
    path("reports/summary/", report_files.report_summary, name="report_summary"),
    path("reports/timeliness/", timeliness.report_timeliness, name="report_timeliness"),
    path("reports/timeliness/export/", timeliness.report_timeliness_export, name="report_timeliness_export"),
    path("reports/make/", report_acts.report_make, name="report_make"),
    path("reports/obligations/<int:pk>/mode/", report_paper.report_mode, name="report_mode"),
    path("reports/<uuid:public_id>/", reports.report_detail, name="report_detail"),
    path("reports/<uuid:public_id>/names/<str:figure>/", reports.report_names, name="report_names"),
    path("reports/<uuid:public_id>/file/", report_acts.report_file, name="report_file"),
    path("reports/<uuid:public_id>/zero/", report_acts.report_zero, name="report_zero"),
    path("reports/<uuid:public_id>/sign/", report_acts.report_sign, name="report_sign"),
    path("reports/<uuid:public_id>/accept/", report_acts.report_accept, name="report_accept"),
    path("reports/<uuid:public_id>/return/", report_acts.report_return, name="report_return"),
    path("reports/<uuid:public_id>/correct/", report_acts.report_correct, name="report_correct"),
    path("reports/<uuid:public_id>/paper/", report_paper.report_paper, name="report_paper"),
    path("reports/<uuid:public_id>/tick/", report_paper.report_tick, name="report_tick"),
    path("reports/<uuid:public_id>/scan/", report_paper.report_scan, name="report_scan"),
    path("reports/<uuid:public_id>/report.<str:format>", report_files.report_file_of, name="report_print"),
]
