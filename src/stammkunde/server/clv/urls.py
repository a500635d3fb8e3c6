"""Addresses of the room."""

from django.urls import URLPattern, path

from stammkunde.server.clv import views

urlpatterns: list[URLPattern] = [
    path("value/", views.page, name="value"),
    path("value/progress/", views.progress, name="value-progress"),
    path("value/compute/", views.compute, name="value-compute"),
    path("value/costs/", views.costs, name="value-costs"),
    path("value/costs/effect/", views.costs_effect, name="value-costs-effect"),
    path("value/costs/<int:pk>/remove/", views.remove_rates, name="value-costs-remove"),
    path("value/spend/", views.spend, name="value-spend"),
    path("value/customers/<int:pk>/", views.ledger, name="value-ledger"),
    path("value/customers/<int:pk>/book/", views.book, name="value-book"),
]
