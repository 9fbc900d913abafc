"""What a web server has behind it before its first visitor, and what it clears away after each."""

import gc
import json
import os
import subprocess
import sys
import weakref

from django.template.loader import get_template

from config.warming import clear_away, page_templates
from tests.harness import ROOT

TELL = """
import gc, json, sys
import config.wsgi
from django.core.signals import request_finished
from django.template import engines
held = engines["django"].engine.template_loaders[0].loaders[0].get_template_cache
print(json.dumps({"kept": gc.get_freeze_count(), "views": "archives.views.children" in sys.modules, "page": len(held),
                  "clears": any(key[0] == "config.warming" for key, *_ in request_finished.receivers)}))
"""


class Circle:
    def __init__(self):
        self.itself = self


def test_a_server_stands_before_its_first_visitor(tmp_path):
    environment = os.environ | {"NOL_HOME": str(tmp_path), "NOL_ENV_FILE": ""}
    environment.pop("DATABASE_URL", None)
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    done = subprocess.run([sys.executable, "-c", TELL], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["kept"] > 50_000
    assert told["views"]
    assert told["clears"]
    assert told["page"] >= len(page_templates())


def test_every_template_can_be_read():
    assert "students/child_list.html" in page_templates()
    for name in page_templates():
        assert get_template(name)


def test_what_holds_itself_is_gone_after_an_answer():
    gc.disable()
    try:
        left = weakref.ref(Circle())
        assert left() is not None  # nothing but the collector can end it
        clear_away()
        assert left() is None
    finally:
        gc.enable()
