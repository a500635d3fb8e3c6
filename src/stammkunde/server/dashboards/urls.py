"""Addresses of the room."""

from django.urls import path

from stammkunde.server.dashboards import views

urlpatterns = [
    path("", views.start, name="start"),
    path("customers/", views.customers, name="customers"),
    path("customers/<int:pk>/", views.customer, name="customer"),
    path("customers/<int:pk>/merge", views.merge_with, name="customer-merge"),
    path("customers/<int:pk>/merges/<int:merged>/undo", views.take_back, name="customer-unmerge"),
]
