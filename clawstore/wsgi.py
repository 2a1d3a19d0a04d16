"""WSGI application for gunicorn."""

import os
from importlib import import_module

import django
from django.conf import settings
from django.db.migrations.loader import MigrationLoader

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clawstore.settings")
django.setup(set_prefix=False)

from clawstore.web.wsgi_request import StrictHandler  # noqa: E402 - needs the settings

application = StrictHandler()
# Loading all URLs now makes errors stop the start, and forked workers share the memory.
import_module(settings.ROOT_URLCONF)
# Otherwise the first readiness probe of each worker would import all migrations.
MigrationLoader(None)
