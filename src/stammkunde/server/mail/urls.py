"""Addresses of the room."""

from django.urls import path

from stammkunde.server.mail.views import attention, messages

urlpatterns = [
    path("messages/", messages.ledger, name="messages"),
    path("messages/attention/", attention.reports, name="attention"),
    path("messages/<int:pk>/", messages.message, name="message"),
    path("messages/<int:pk>/proof.pdf", messages.pdf, name="message-pdf"),
    path("messages/<int:pk>/end", messages.settle, name="message-settle"),
]
