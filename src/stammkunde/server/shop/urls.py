"""Addresses of the room."""

from django.urls import path

from stammkunde.server.shop.views import imports, sources

urlpatterns = [
    path("sources/", sources.overview, name="sources"),
    path("imports/new", imports.new, name="import-new"),
    path("imports/<int:pk>/", imports.one, name="import"),
    path("imports/<int:pk>/progress", imports.progress, name="import-progress"),
    path("imports/<int:pk>/columns", imports.columns, name="import-columns"),
    path("imports/<int:pk>/start", imports.start, name="import-start"),
    path("imports/<int:pk>/undo", imports.undo, name="import-undo"),
    path("imports/<int:pk>/rejects.csv", imports.rejects, name="import-rejects"),
]
