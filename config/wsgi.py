import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("NOL_WORKLOAD", "web")

from django.core.wsgi import get_wsgi_application  # noqa: E402  the two lines above decide what the settings say

from config.environment import load_env_file, refuse_example_keys  # noqa: E402
from config.warming import warm  # noqa: E402

load_env_file()
refuse_example_keys()
application = get_wsgi_application()
warm()
