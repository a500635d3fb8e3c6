"""Addresses of the room."""

from django.urls import path

from stammkunde.server.mail.views import attention, hooks, mails, messages, public, sending, tray

urlpatterns = [
    path("p/l/<str:token>", public.follow, name="mail-link"),
    path("p/o/<str:token>.gif", public.seen, name="mail-picture"),
    path("p/m/<str:token>", public.view, name="mail-view"),
    path("hooks/mail/<slug:provider>/", hooks.events, name="mail-hook"),
    path("hooks/mail/<slug:provider>/inbound/", hooks.mail, name="mail-hook-inbound"),
    path("mails/", mails.mails, name="mails"),
    path("mails/new", mails.new, name="mail-new"),
    path("mails/<int:pk>/", mails.edit, name="mail-edit"),
    path("mails/<int:pk>/preview", mails.preview, name="mail-preview"),
    path("mails/<int:pk>/publish", mails.publish, name="mail-publish"),
    path("mails/<int:pk>/test", mails.test, name="mail-test"),
    path("settings/sending/", sending.overview, name="sending"),
    path("settings/sending/check", sending.check, name="sending-check"),
    path("settings/sending/trial", sending.trial, name="sending-trial"),
    path("settings/sending/mailbox", sending.mailbox, name="sending-mailbox"),
    path("settings/sending/hook", sending.hook, name="sending-hook"),
    path("settings/sending/warm-up", sending.warm, name="sending-warm"),
    path("settings/sending/halt", sending.halt, name="sending-halt"),
    path("settings/sending/way/<slug:way>", sending.choose, name="sending-way"),
    path("settings/sending/<slug:part>", sending.save, name="sending-save"),
    path("messages/", messages.ledger, name="messages"),
    path("messages/attention/", attention.reports, name="attention"),
    path("messages/tray/", tray.tray, name="tray"),
    path("messages/tray/<int:pk>/", tray.arrival, name="arrival"),
    path("messages/tray/<int:pk>/done", tray.done, name="arrival-done"),
    path("messages/tray/<int:pk>/bounce", tray.bounce, name="arrival-bounce"),
    path("messages/<int:pk>/", messages.message, name="message"),
    path("messages/<int:pk>/proof.pdf", messages.pdf, name="message-pdf"),
    path("messages/<int:pk>/end", messages.settle, name="message-settle"),
]
