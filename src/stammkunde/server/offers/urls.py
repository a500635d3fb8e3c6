"""Addresses of the room."""

from django.urls import path

from stammkunde.server.offers import views

urlpatterns = [
    path("offers/", views.overview, name="offers"),
    path("offers/pools/new", views.new, name="offers-new"),
    path("offers/pools/<int:pk>/", views.pool, name="offers-pool"),
    path("offers/pools/<int:pk>/change", views.change, name="offers-change"),
    path("offers/pools/<int:pk>/upload", views.upload, name="offers-upload"),
    path("offers/pools/<int:pk>/generate", views.generate, name="offers-generate"),
    path("offers/pools/<int:pk>/codes.csv", views.download, name="offers-codes"),
    path("offers/pools/<int:pk>/confirm", views.confirm, name="offers-confirm"),
]
