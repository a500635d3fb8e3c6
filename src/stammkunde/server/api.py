"""The API: everything on a screen, under /api/v1/, with scoped keys; described at /openapi.json."""

from stammkunde.server.accounts.api import router as accounts
from stammkunde.server.accounts.api_webhooks import router as webhooks
from stammkunde.server.campaigns.api import router as campaigns
from stammkunde.server.clv.api import router as clv
from stammkunde.server.consent.api import router as consent
from stammkunde.server.dashboards.api import router as dashboards
from stammkunde.server.journeys.api import router as journeys
from stammkunde.server.journeys.api_flows import router as flows
from stammkunde.server.journeys.api_simulations import router as simulations
from stammkunde.server.lib.problems import ProblemAPI, install
from stammkunde.server.mail.api import router as mail
from stammkunde.server.mail.api_arrivals import router as arrivals
from stammkunde.server.mail.api_attention import router as attention
from stammkunde.server.mail.api_messages import router as messages
from stammkunde.server.mail.api_sending import router as sending
from stammkunde.server.offers.api import router as offers
from stammkunde.server.segments.api import router as segments
from stammkunde.server.shop.api import router as shop
from stammkunde.server.shop.api_people import router as people
from stammkunde.server.shop.api_sources import router as sources

api = ProblemAPI(title="Stammkunde", version="1", docs_url=None, urls_namespace="api")
install(api)
api.add_router("", shop)
api.add_router("", people)
api.add_router("", sources)
api.add_router("", clv)
api.add_router("", segments)
api.add_router("", consent)
api.add_router("", offers)
api.add_router("", mail)
api.add_router("", attention)
api.add_router("", messages)
api.add_router("", arrivals)
api.add_router("", sending)
api.add_router("", journeys)
api.add_router("", flows)
api.add_router("", simulations)
api.add_router("", campaigns)
api.add_router("", dashboards)
api.add_router("", accounts)
api.add_router("", webhooks)
