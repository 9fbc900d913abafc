from django.urls import path

from archives.report_urls import report_urls
from archives.views import children

app_name = "archives"
urlpatterns = [
    path("children/<uuid:public_id>/", children.child_detail, name="child_detail"),
    path("children/<uuid:public_id>/unmask/", children.child_unmask, name="child_unmask"),
    *report_urls,
]
