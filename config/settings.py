"""Everything from the environment; a wrong value stops the start with a sentence (config/environment.py).

Without DATABASE_URL the home looks after itself: addresses of the embedded servers are worked out here, but starting them is the
business of manage.py and of the tests. With DATABASE_URL nothing is made up: keys and hosts are required.
"""

import os

from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.urls import reverse_lazy

from config import addresses, demo_home, environment
from config.embedded import Embedded
from config.embedded.postgres import APPLICATION, OWNER
from config.embedded.secrets import secret
from config.logs import logging_of

environment.load_env_file()

BASE_DIR = environment.BASE_DIR
NOL_HOME = environment.home()
EMBEDDED = not environment.text("DATABASE_URL")
DEMO = demo_home.is_demo(NOL_HOME)  # true only in a home that `manage.py demo` marked while its database was empty
DEBUG = environment.flag("NOL_DEBUG", False)
HTTPS = environment.flag("NOL_HTTPS", not EMBEDDED and not DEMO)
PORT = environment.number("NOL_PORT", 8000, 1, 65535)

# Keys. The field keys and the index key live outside the database and its backups (design.md §3).
_own = EMBEDDED or DEMO
_32 = "32 字节的 base64（44 个字符）"
SECRET_KEY = environment.secret_key(secret(NOL_HOME, "secret_key") if _own else environment.secret("NOL_SECRET_KEY", "至少 50 个随机字符"))
FIELD_KEYS = environment.field_keys(secret(NOL_HOME, "field_keys") if _own else environment.secret("NOL_FIELD_KEYS", f"如 1:{_32}"))
INDEX_KEY = environment.key_of_32_bytes(
    secret(NOL_HOME, "index_key") if _own else environment.secret("NOL_INDEX_KEY", _32), "NOL_INDEX_KEY"
)
FIELD_CIPHER = environment.choice("NOL_CIPHER", "sm4", ("sm4", "aes"))

_local = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = environment.listed("NOL_ALLOWED_HOSTS", _local if _own or DEBUG else [])
if not ALLOWED_HOSTS:
    raise environment.WrongSetting("NOL_ALLOWED_HOSTS", "空", "本系统的域名，多个用逗号隔开，如 nol.example.gov.cn")
CSRF_TRUSTED_ORIGINS = environment.listed("NOL_CSRF_ORIGINS", [])
for _origin in CSRF_TRUSTED_ORIGINS:
    if not _origin.startswith(("https://", "http://")):
        raise environment.WrongSetting("NOL_CSRF_ORIGINS", f"“{_origin}”", "以 https:// 开头的来源，多个用逗号隔开")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "guardian",
    "pgtrigger",
    "pghistory",
    "django_tables2",
    "django_filters",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "template_partials",
    "axes",
    "csp",
    "django_celery_beat",
    "django_structlog",
    "core.apps.CoreConfig",
    "students.apps.StudentsConfig",
    "dropout.apps.DropoutConfig",
    "subsidies.apps.SubsidiesConfig",
    "archives.apps.ArchivesConfig",
    "config.apps.PlatformConfig",
]
MIDDLEWARE = [
    "core.middleware.RequestIdentity",
    "core.middleware.FormAnswers",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "core.middleware.PictureAlone",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",  # a view opens itself with login_not_required
    "core.middleware.HistoryNames",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "core.middleware.SessionLimits",  # after the messages it writes
    "core.middleware.Refusals",
    "axes.middleware.AxesMiddleware",  # last: it turns a lock-out into the answer
]
ROOT_URLCONF = "config.urls"
# Where a child's one page is: lower apps link to it without knowing the app that composes it (design.md §1).
ABSOLUTE_URL_OVERRIDES = {"students.child": addresses.child_page}
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.navigation.context",
            ]
        },
    }
]
DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = True  # core.middleware.RequestIdentity has put our own id there
FORM_RENDERER = "config.widgets.QuickLists"
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"
DJANGO_TABLES2_TEMPLATE = "components/table.html"

# Database. manage.py says "owner" for the few commands that change tables; a request is cut off sooner than a job.
_role = environment.choice("NOL_DATABASE_ROLE", "application", ("application", "owner"))
_workload = environment.choice("NOL_WORKLOAD", "job", ("web", "job"))
if EMBEDDED:
    _database = Embedded(NOL_HOME).address(OWNER if _role == "owner" else APPLICATION)
elif _role == "owner" and not (DEMO and not environment.text("NOL_DATABASE_OWNER_URL")):
    _database = environment.database_url("NOL_DATABASE_OWNER_URL")
else:
    _database = environment.database_url("DATABASE_URL")
_seconds = {"web": 30, "job": 600}[_workload]
_limits = (  # the last one: a killed child's statement does not go on, with its locks, until it ends by itself
    ""
    if _role == "owner"
    else f"-c statement_timeout={_seconds}s -c idle_in_transaction_session_timeout={max(_seconds, 60)}s"
    " -c client_connection_check_interval=5s"
)
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        **_database,
        "ATOMIC_REQUESTS": True,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"options": f"-c lock_timeout=5s {_limits}".strip(), "application_name": f"not-one-less {_workload}"},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}  # nothing may depend on Redis but the queue
PGHISTORY_ADMIN_ALL_EVENTS = False

# Who may come in
AUTH_USER_MODEL = "core.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
ANONYMOUS_USER_NAME = None  # guardian makes no row for people who are not signed in
GUARDIAN_MONKEY_PATCH_USER = False
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]  # its backend is asked by core.scope only
PASSWORD_HASHERS = ["core.hashers.Argon2idOwasp"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "core.hashers.NoDemoPassword"},
]
LOGIN_URL = reverse_lazy("core:sign_in")
LOGIN_REDIRECT_URL = "/"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]  # an attacker elsewhere must not lock a principal out on signing day
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False
AXES_LOCKOUT_CALLABLE = "core.views.sessions.locked_out"
PROXIES = environment.number("NOL_PROXIES", 0, 0, 5)
AXES_CLIENT_IP_CALLABLE = "core.middleware.client_address"
AXES_USERNAME_CALLABLE = "core.middleware.attempted_name"

SESSION_ENGINE = "config.sessions"  # the database, not the cache: losing it would sign everybody out
SESSION_COOKIE_AGE = 1800  # idle seconds
SESSION_SAVE_EVERY_REQUEST = True
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_NAME = "__Host-sid" if HTTPS else "nol-sid"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "nol-csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXIES else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin" if HTTPS else None  # browsers refuse it, loudly, on plain http
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "core.views.errors.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}

# Language, time, money in words
LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

# Files
STATIC_URL = "static/"
STATIC_ROOT = environment.folder("NOL_STATIC_ROOT", NOL_HOME / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "config.finders.PackageFinder",
]
_plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _plain if DEBUG else "config.finders.HashedFiles"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
FILES_ROOT = MEDIA_ROOT = environment.folder("NOL_MEDIA_ROOT", NOL_HOME / "files")  # content-addressed, never served by URL
EXPORT_ROOT = environment.folder("NOL_EXPORT_ROOT", NOL_HOME / "exports")
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 5
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
FILE_UPLOAD_MAX_BYTES = environment.number("NOL_UPLOAD_MB", 60, 1, 500) * 1024 * 1024
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # a cookie would carry names

# Celery carries ids; PostgreSQL is the record (reliability.md §5.1)
REDIS_URL = Embedded(NOL_HOME).redis_url if _own and not environment.text("REDIS_URL") else environment.redis_url()
_visible = 900  # seconds, more than the hard limit of the longest task
CELERY_BROKER_URL = environment.broker_url(REDIS_URL)
_over_network = {} if REDIS_URL.startswith("unix://") else {"socket_keepalive": True}
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": _visible,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 2,
    "socket_timeout": 10,
    "health_check_interval": 25,
    "global_keyprefix": "county:",
    **_over_network,
}
CELERY_VISIBILITY_TIMEOUT = _visible
CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS = {"visibility_timeout": _visible}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 600
CELERY_TASK_SOFT_TIME_LIMIT = 540
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 100
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 400_000  # KB
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 60
CELERY_WORKER_ENABLE_SOFT_SHUTDOWN_ON_IDLE = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CONSUMER = "config.consumer:PatientConsumer"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_CHANNEL_ERROR_RETRY = True  # else a Redis that is full, or read-only for a moment, ends the worker
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_ENABLE_UTC = True
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULER = "config.beat:PatientScheduler"
# Written into beat's tables at its start; an administrator's pause of a line is kept there. Clock times are the county's (TIME_ZONE).
_hourly = {"expire_seconds": 3500}
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "core.tasks.sweep", "schedule": 30.0, "options": {"expire_seconds": 25}},
    "seal audit": {"task": "core.tasks.seal_audit", "schedule": 180.0, "options": {"expire_seconds": 170}},
    # Each day's work is one run (core.file_runs.start_period): asked for every hour, so that an outage or a lost message costs an hour.
    "expire removals": {"task": "dropout.tasks.expire_removals", "schedule": crontab(minute=10), "options": _hourly},
    "absence alarms": {"task": "dropout.tasks.raise_alarms", "schedule": 600.0, "options": {"expire_seconds": 550}},
    "keep account": {"task": "students.tasks.keep_account", "schedule": 120.0, "options": {"expire_seconds": 110}},
    "monthly reports": {"task": "archives.tasks.make_monthly_reports", "schedule": crontab(hour="1-23", minute=0), "options": _hourly},
}

LOGGING_CONFIG = "config.logs.configure"
LOGGING = logging_of(NOL_HOME / "log" if DEMO else None, environment.text("NOL_LOG_NAME", os.environ.get("NOL_WORKLOAD", "job")))
