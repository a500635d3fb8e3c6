"""The door for web servers."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stammkunde.server.settings")
application = get_wsgi_application()
ADDRESSES = get_resolver().url_patterns  # what they name is imported now, not when the first visitor waits for it
