"""Addresses of the room."""

from django.urls import path

from stammkunde.server.shop import hooks
from stammkunde.server.shop.collector import receiving
from stammkunde.server.shop.views import imports, imprint, sources

urlpatterns = [
    path("sources/", sources.overview, name="sources"),
    path("sources/new", sources.new, name="source-new"),
    path("sources/<int:pk>/", sources.one, name="source"),
    path("sources/<int:pk>/settings", sources.settings_page, name="source-settings"),
    path("sources/<int:pk>/replay", sources.replay, name="source-replay"),
    path("sources/<int:pk>/pull", sources.pull, name="source-pull"),
    path("sources/<int:pk>/switch", sources.switch, name="source-switch"),
    *hooks.urlpatterns,
    *receiving.urlpatterns,
    path("settings/shop/", imprint.page, name="imprint"),
    path("imports/new", imports.new, name="import-new"),
    path("imports/<int:pk>/", imports.one, name="import"),
    path("imports/<int:pk>/progress", imports.progress, name="import-progress"),
    path("imports/<int:pk>/columns", imports.columns, name="import-columns"),
    path("imports/<int:pk>/start", imports.start, name="import-start"),
    path("imports/<int:pk>/undo", imports.undo, name="import-undo"),
    path("imports/<int:pk>/rejects.csv", imports.rejects, name="import-rejects"),
]
