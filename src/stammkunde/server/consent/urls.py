"""Addresses of the room; those under /p/ are for customers."""

from django.urls import path

from stammkunde.server.consent.views import public, staff

urlpatterns = [
    path("consent/", staff.overview, name="consent"),
    path("consent/customers/<int:pk>/", staff.person, name="consent-person"),
    path("consent/customers/<int:pk>/said", staff.said, name="consent-said"),
    path("consent/customers/<int:pk>/evidence.pdf", staff.pdf, name="consent-pdf"),
    path("consent/rules", staff.matrix, name="consent-rules"),
    path("consent/rules/<str:pack>/<str:purpose>", staff.row, name="consent-row"),
    path("consent/words", staff.words, name="consent-words"),
    path("consent/notices/<int:pk>/end", staff.end, name="consent-end"),
    path("p/u/<str:token>", public.leave, name="leave"),
    path("p/preferences/<str:token>", public.preferences, name="preferences"),
    path("p/confirm/<str:token>", public.confirm, name="confirm"),
]
