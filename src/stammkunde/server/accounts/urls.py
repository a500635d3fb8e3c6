"""Addresses of the room."""

from django.urls import path, re_path

from stammkunde.server.accounts.views import own, settings, webhooks

urlpatterns = [
    path("join/<str:secret>", own.join, name="join"),
    path("me/language", own.language, name="language"),
    path("me/theme", own.theme, name="theme"),
    path("settings/", settings.overview, name="settings"),
    path("settings/me/", own.me, name="me"),
    path("settings/second-factor/", own.second_factor, name="second-factor"),
    path("settings/staff/", settings.people, name="staff"),
    path("settings/staff/<int:pk>/", settings.person, name="person"),
    path("settings/staff/<int:pk>/password", settings.new_password, name="person-password"),
    path("settings/staff/<int:pk>/factor", settings.lost_factor, name="person-factor"),
    path("settings/invitations/<int:pk>/end", settings.end_invitation, name="invitation-end"),
    path("settings/keys/", settings.keys, name="keys"),
    path("settings/keys/<int:pk>/end", settings.end_key, name="key-end"),
    path("settings/webhooks/", webhooks.overview, name="webhooks"),
    path("settings/webhooks/<int:pk>/", webhooks.endpoint, name="webhook"),
    path("settings/webhooks/<int:pk>/change", webhooks.change, name="webhook-change"),
    path("settings/webhooks/<int:pk>/secret", webhooks.secret, name="webhook-secret"),
    path("settings/webhooks/<int:pk>/test", webhooks.test, name="webhook-test"),
    path("settings/webhooks/<int:pk>/remove", webhooks.remove, name="webhook-remove"),
    path("settings/webhooks/<int:pk>/<int:dispatch>/replay", webhooks.replay, name="webhook-replay"),
    path("settings/log/", settings.log, name="log"),
    # Pages of allauth that are closed; they stand before its own, which keep their names for its templates.
    # An address is the owner's to give, and a second one would be a second way in.
    path("account/signup/", own.closed),
    path("account/email/", own.closed),
    re_path(r"^account/confirm-email/(?P<key>[-:\w]+/)?$", own.closed),
    path("account/login/code/confirm/", own.closed),
    path("account/password/set/", own.closed),
]
