"""What a web server has behind it before its first visitor comes: every page's code and template, once for all its processes.

What is there then stays for good, so the garbage collector never looks at it again: walking through the half million objects of a server
that stands took up to 200 ms, in the midst of somebody's page. What a page leaves behind (Django's contexts hold themselves in a circle,
and with them its rows) is cleared away when its answer has been sent. gunicorn loads the application before it forks (serve_web), so that
its processes share it all.
"""

import gc
from pathlib import Path

from django.conf import settings
from django.core.signals import request_finished
from django.template.loader import get_template
from django.urls import get_resolver

AT_MOST = 50_000  # new objects before the collector looks at them by itself: more than a page makes, a fraction of what an export makes


def warm():
    get_resolver().reverse_dict  # noqa: B018  reads every URL and with it every view
    for name in page_templates():
        get_template(name)
    gc.collect()
    gc.freeze()
    gc.set_threshold(AT_MOST, 10, 10)
    request_finished.connect(clear_away, dispatch_uid="config.warming")


def page_templates():
    folder = Path(settings.TEMPLATES[0]["DIRS"][0])
    return [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*.html"))]


def clear_away(**_):
    gc.collect(1)  # what this page made; what has outlived a page is looked at when there is much of it
