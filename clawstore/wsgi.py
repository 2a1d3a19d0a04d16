"""WSGI application for gunicorn."""

import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clawstore.settings")
application = get_wsgi_application()
# Loading all URLs now makes errors stop the start, and forked workers share the memory.
import_module(settings.ROOT_URLCONF)
