"""Every address of the server, room by room."""

from functools import partial

from django.urls import include, path
from ninja.openapi.views import openapi_json

from stammkunde.server.api import api
from stammkunde.server.lib import health, metrics
from stammkunde.server.ui.icon import icon

urlpatterns = [
    path("", include("stammkunde.server.dashboards.urls")),
    path("", include("stammkunde.server.mail.urls")),  # before shop, whose hooks bear any name
    path("", include("stammkunde.server.shop.urls")),
    path("", include("stammkunde.server.clv.urls")),
    path("", include("stammkunde.server.segments.urls")),
    path("", include("stammkunde.server.consent.urls")),
    path("", include("stammkunde.server.offers.urls")),
    path("", include("stammkunde.server.journeys.urls")),
    path("", include("stammkunde.server.campaigns.urls")),
    path("", include("stammkunde.server.accounts.urls")),
    path("account/", include("allauth.account.urls")),
    path("account/2fa/", include("allauth.mfa.urls")),
    path("api/v1/", api.urls),
    path("openapi.json", partial(openapi_json, api=api), name="openapi"),
    path("favicon.ico", icon),
    path("healthz", health.alive),
    path("readyz", health.ready),
    path("metrics", metrics.page),
]
