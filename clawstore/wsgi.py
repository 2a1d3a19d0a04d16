"""What gunicorn serves."""

import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clawstore.settings")
application = get_wsgi_application()
# Read at the start, not at the first request: what is broken stops the start, and the workers
# that part from this process share what it has read.
import_module(settings.ROOT_URLCONF)
