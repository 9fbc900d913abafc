"""Every address, app by app; an app's own are in its urls.py."""

from importlib.util import find_spec

from django.urls import include, path

from config import parameters, views

APPS = [("core", ""), ("students", ""), ("dropout", ""), ("subsidies", ""), ("archives", "")]

urlpatterns = [
    path("", views.home, name="home"),
    path("menu/", views.menu, name="menu"),
    path("help/", views.show_help, name="help"),
    path("parameters/", parameters.parameter_list, name="parameter_list"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("healthz", views.healthz, name="healthz"),
    *[path(prefix, include(f"{app}.urls")) for app, prefix in APPS if find_spec(f"{app}.urls")],
]
handler500 = "core.views.errors.server_error"
