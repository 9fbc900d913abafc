"""Addresses of the account by status, its reasons and its frozen versions."""

from django.urls import path

from students.views import catchments, field_survey, reasons, statuses, versions

routes = [
    path("account/statuses/", statuses.status_account, name="status_account"),
    path("account/statuses/names/", statuses.status_names, name="status_names"),
    path("account/statuses/export/", statuses.status_export, name="status_export"),
    path("account/reasons/", reasons.reason_list, name="reason_list"),
    path("account/reasons/new/", reasons.reason_new, name="reason_new"),
    path("account/reasons/upload/", reasons.reason_upload, name="reason_upload"),
    path("account/reasons/<uuid:public_id>/", reasons.reason_detail, name="reason_detail"),
    path("account/reasons/<uuid:public_id>/proof/", reasons.reason_proof, name="reason_proof"),
    path("account/versions/", versions.version_list, name="version_list"),
    path("account/versions/freeze/", versions.version_freeze, name="version_freeze"),
    path("account/versions/keep/", versions.run_keep, name="run_keep"),
    path("account/versions/<uuid:public_id>/", versions.version_detail, name="version_detail"),
    path("checks/", field_survey.check_list, name="check_list"),
    path("checks/new/", field_survey.check_new, name="check_new"),
    path("found/", field_survey.found_list, name="found_list"),
    path("found/new/", field_survey.found_new, name="found_new"),
    path("catchments/", catchments.catchment_list, name="catchment_list"),
    path("catchments/<uuid:public_id>/<int:year>/<str:stage>/end/", catchments.catchment_end, name="catchment_end"),
    path("catchments/set/", catchments.catchment_set, name="catchment_set"),
    path("catchments/copy/", catchments.catchment_copy, name="catchment_copy"),
    path("catchments/upload/", catchments.catchment_upload, name="catchment_upload"),
]
