"""Addresses of the room; those under /p/ are for everybody."""

from django.urls import path

from stammkunde.server.campaigns.views import lists, one, public, writing

urlpatterns = [
    path("newsletter/", lists.overview, name="newsletters"),
    path("newsletter/new", writing.new, name="newsletter-new"),
    path("newsletter/subject", writing.subject, name="newsletter-subject"),
    path("newsletter/<int:pk>/", one.one, name="newsletter"),
    path("newsletter/<int:pk>/progress", one.progress, name="newsletter-progress"),
    path("newsletter/<int:pk>/edit", writing.edit, name="newsletter-edit"),
    path("newsletter/<int:pk>/copy", writing.copy, name="newsletter-copy"),
    path("newsletter/<int:pk>/delete", writing.throw_away, name="newsletter-delete"),
    path("newsletter/<int:pk>/approve", one.approve, name="newsletter-approve"),
    path("newsletter/<int:pk>/back", one.take_back, name="newsletter-back"),
    path("newsletter/<int:pk>/schedule", one.schedule, name="newsletter-schedule"),
    path("newsletter/<int:pk>/stop", one.stop, name="newsletter-stop"),
    path("newsletter/<int:pk>/resume", one.resume, name="newsletter-resume"),
    path("newsletter/<int:pk>/test", one.test, name="newsletter-test"),
    path("p/archive/", public.archive, name="archive"),
    path("p/archive/feed.xml", public.feed, name="archive-feed"),
    path("p/archive/<slug:slug>/", public.issue, name="archive-one"),
    path("p/archive/<slug:slug>/mail", public.mail, name="archive-mail"),
]
