"""Addresses of the room."""

from django.urls import path

from stammkunde.server.accounts import views

urlpatterns = [
    path("join/<str:secret>", views.join, name="join"),
    path("me/language", views.language, name="language"),
    path("me/theme", views.theme, name="theme"),
    path("settings/", views.overview, name="settings"),
    path("settings/me/", views.me, name="me"),
    path("settings/staff/", views.people, name="staff"),
    path("settings/staff/<int:pk>", views.person, name="staff-change"),
    path("settings/keys/", views.keys, name="keys"),
    path("settings/keys/<int:pk>/end", views.end_key, name="key-end"),
    path("settings/log/", views.log, name="log"),
]
