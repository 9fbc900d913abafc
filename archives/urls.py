from django.urls import path

from archives.report_urls import report_urls
from archives.views import children, tables

app_name = "archives"
urlpatterns = [
    path("children/<uuid:public_id>/", children.child_detail, name="child_detail"),
    path("children/<uuid:public_id>/unmask/", children.child_unmask, name="child_unmask"),
    path("tables/", tables.table_list, name="table_list"),
    path("tables/export/", tables.table_export, name="table_export"),
    *report_urls,
]
