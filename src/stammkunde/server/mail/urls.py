"""Addresses of the room."""

from django.urls import path

from stammkunde.server.mail.views import messages

urlpatterns = [
    path("messages/", messages.ledger, name="messages"),
    path("messages/<int:pk>/", messages.message, name="message"),
    path("messages/<int:pk>/proof.pdf", messages.pdf, name="message-pdf"),
    path("messages/<int:pk>/end", messages.settle, name="message-settle"),
]
