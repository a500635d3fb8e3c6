"""Addresses of the room."""

from django.urls import URLPattern, path

from stammkunde.server.segments.views import lists, standing

urlpatterns: list[URLPattern] = [
    path("segments/", lists.page, name="segments"),
    path("segments/people/", standing.people, name="segment-people"),
]
