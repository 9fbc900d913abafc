"""The services under proof: the product's own settings, in a home and a database that may be broken, with waiting times scaled down.

what                        product   here
visibility timeout          900 s     8 s
soft and hard time limit    540/600   3/6 s
sweep                       30 s      1 s
lease (tests.proof.chores)  90 s      3 s
grace after a time limit    15 s      1 s

PROOF_UNSCALED leaves the product's own.
"""

import os

from config.settings import *  # noqa: F403
from config.settings import CELERY_BROKER_TRANSPORT_OPTIONS, DATABASES, STORAGES

DATABASES["default"]["NAME"] = os.environ["PROOF_DATABASE"]
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # as in tests.settings, whose people sign in here
FILE_UPLOAD_TEMP_DIR = os.environ.get("PROOF_SPOOL")  # Python's own choice would leave a full disk for another
CELERY_IMPORTS = ["tests.proof.chores"]
if not os.environ.get("PROOF_UNSCALED"):
    _visible = 8
    CELERY_BROKER_TRANSPORT_OPTIONS = {**CELERY_BROKER_TRANSPORT_OPTIONS, "visibility_timeout": _visible, "unacked_restore_interval": 1}
    CELERY_VISIBILITY_TIMEOUT = _visible
    CELERY_TASK_TIME_LIMIT = int(os.environ.get("PROOF_TIME_LIMIT", "6"))
    CELERY_TASK_SOFT_TIME_LIMIT = CELERY_TASK_TIME_LIMIT - 3
    CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 3
    CELERY_BEAT_SCHEDULE = {"sweep": {"task": "core.tasks.sweep", "schedule": 1.0, "options": {"expire_seconds": 5}}}
if os.environ.get("PROOF_PERIODS"):  # tests.proof.chores.PERIOD
    CELERY_BEAT_SCHEDULE |= {
        "poke": {"task": "tests.proof.poke", "schedule": 1.0, "options": {"expire_seconds": 5}},
        "plain": {"task": "tests.proof.plain", "schedule": 12.0, "options": {"expire_seconds": 5}},
    }
CELERY_BEAT_MAX_LOOP_INTERVAL = 1
if os.environ.get("PROOF_LEAK"):
    MIDDLEWARE = ["tests.proof.leaking.Keeping", *MIDDLEWARE]  # noqa: F405
