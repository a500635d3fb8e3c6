"""Addresses of the room."""

from django.urls import path

from stammkunde.server.journeys.views import gallery, journeys, people, simulations

urlpatterns = [
    path("journeys/", journeys.journeys, name="journeys"),
    path("journeys/new", journeys.new, name="journey-new"),
    path("journeys/import", journeys.bring, name="journey-import"),
    path("journeys/<int:pk>/", journeys.journey, name="journey"),
    path("journeys/<int:pk>/edit", journeys.edit, name="journey-edit"),
    path("journeys/<int:pk>/publish", journeys.publish, name="journey-publish"),
    path("journeys/<int:pk>/switch", journeys.switch, name="journey-switch"),
    path("journeys/<int:pk>/copy", journeys.copy, name="journey-copy"),
    path("journeys/<int:pk>/retry", journeys.retry, name="journey-retry"),
    path("journeys/<int:pk>/file.yaml", journeys.export, name="journey-export"),
    path("journeys/<int:pk>/simulate", simulations.simulation, name="journey-simulate"),
    path("journeys/<int:pk>/people/", people.people, name="journey-people"),
    path("journeys/<int:pk>/people/<int:customer>/", people.explain, name="journey-why"),
    path("journeys/<int:pk>/versions/<int:version>/move", people.move, name="journey-move"),
    path("journeys/enrolments/<int:pk>/repair", people.repair, name="journey-repair"),
    path("journeys/gallery/", gallery.gallery, name="gallery"),
    path("journeys/gallery/<slug:key>/", gallery.one, name="flow"),
    path("journeys/gallery/<slug:key>/copy", gallery.copy, name="flow-copy"),
    path("journeys/gallery/<slug:key>/<slug:mail>", gallery.letter, name="flow-mail"),
]
