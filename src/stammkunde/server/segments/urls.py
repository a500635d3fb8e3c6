"""Addresses of the room."""

from django.urls import URLPattern, path

from stammkunde.server.segments.views import editor, files, lists, one, standing

urlpatterns: list[URLPattern] = [
    path("segments/", lists.page, name="segments"),
    path("segments/people/", standing.people, name="segment-people"),
    path("segments/progress/", lists.progress, name="segments-progress"),
    path("segments/compute/", lists.compute, name="segments-compute"),
    path("segments/starters/", lists.starters, name="segment-starters"),
    path("segments/file/", files.every, name="segment-files"),
    path("segments/import/", files.take_in, name="segment-import"),
    path("segments/new/", editor.new, name="segment-new"),
    path("segments/draft/", editor.change, name="segment-draft"),
    path("segments/preview/", editor.preview, name="segment-preview"),
    path("segments/words/", editor.words, name="segment-words"),
    path("segments/<int:pk>/", one.page, name="segment"),
    path("segments/<int:pk>/why/", one.why, name="segment-why"),
    path("segments/<int:pk>/edit/", editor.edit, name="segment-edit"),
    path("segments/<int:pk>/compute/", one.compute, name="segment-compute"),
    path("segments/<int:pk>/delete/", one.delete, name="segment-delete"),
    path("segments/<int:pk>/file/", files.one, name="segment-file"),
    path("segments/<int:pk>/members/", one.export, name="segment-members-file"),
]
