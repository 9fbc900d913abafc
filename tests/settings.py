"""The product's settings in a home of their own: real PostgreSQL, plain static files, cheap passwords."""

import os
from pathlib import Path

_home = os.environ.get("NOL_TEST_HOME") or str(Path(__file__).resolve().parent.parent / "var" / "test")
for _name in [name for name in os.environ if name.startswith("NOL_") and name != "NOL_TEST_HOME"]:
    del os.environ[_name]  # the suite must say the same on every machine
for _name in ("DATABASE_URL", "REDIS_URL"):
    os.environ.pop(_name, None)
os.environ["NOL_HOME"] = _home
os.environ["NOL_ENV_FILE"] = ""

from config.settings import *  # noqa: E402, F403
from config.settings import LOGGING, MIDDLEWARE, STORAGES  # noqa: E402

ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # 27 ms a sign-in would be most of the suite
MIDDLEWARE = [*MIDDLEWARE, "tests.audited.Watch"]
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
LOGGING = {**LOGGING, "root": {"handlers": ["main"], "level": "WARNING"}}
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
