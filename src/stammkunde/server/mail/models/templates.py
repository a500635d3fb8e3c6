"""Mails as they are written: a template, and its versions, which never change."""

from django.conf import settings
from django.db import models


class Template(models.Model):
    """A mail a shop has written. `purpose` is what it is for by law (see `consent.purposes`); `origin` names where it
    was copied from (a flow of the library). `draft` is the document being written; versions are made of it."""

    key = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=160)
    purpose = models.CharField(max_length=20)
    origin = models.CharField(max_length=120, blank=True)
    draft = models.JSONField(default=dict)
    changed_at = models.DateTimeField()
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class Version(models.Model):
    """A mail as it was at a moment: its blocks as they were written, and compiled once for every voice.

    `document` is what `rendering.documents` reads; `compiled` maps a voice ("de-du", "de-sie", "en") to subject,
    preheader, HTML and text with Liquid tags left in. Rows are added, never changed.
    """

    template = models.ForeignKey(Template, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    document = models.JSONField()
    compiled = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        """Numbered from 1."""

        constraints = (models.UniqueConstraint(fields=["template", "number"], name="mail_version_once"),)

    def __str__(self) -> str:
        return f"{self.template_id} v{self.number}"
