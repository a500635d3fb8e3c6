"""Addresses of the room."""

from django.urls import path

from stammkunde.server.dashboards.views import customers as views
from stammkunde.server.dashboards.views.calendar import calendar
from stammkunde.server.dashboards.views.start import again, later, start

urlpatterns = [
    path("", start, name="start"),
    path("start/<slug:card>/later", later, name="card-later"),
    path("start/<slug:card>/again", again, name="card-again"),
    path("calendar/", calendar, name="calendar"),
    path("customers/", views.customers, name="customers"),
    path("customers/export", views.export, name="customers-export"),
    path("customers/<int:pk>/", views.customer, name="customer"),
    path("customers/<int:pk>/merge", views.merge_with, name="customer-merge"),
    path("customers/<int:pk>/merges/<int:merged>/undo", views.take_back, name="customer-unmerge"),
]
