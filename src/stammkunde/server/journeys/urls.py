"""Addresses of the room."""

from django.urls import path

from stammkunde.server.journeys.views import gallery

urlpatterns = [
    path("journeys/gallery/", gallery.gallery, name="gallery"),
    path("journeys/gallery/<slug:key>/", gallery.one, name="flow"),
    path("journeys/gallery/<slug:key>/copy", gallery.copy, name="flow-copy"),
    path("journeys/gallery/<slug:key>/<slug:mail>", gallery.letter, name="flow-mail"),
]
