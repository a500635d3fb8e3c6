"""Clients in a real browser, on a page of another site: what CORS, preflights, beacons and settings make of them."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from instances import SERVER, instances
from server.shop.collector.running import Running, running
from server.shop.collector.test_clients import FOLDER, settled
from server.ui.browser import chromium
from stammkunde.server.shop.collector.snippets import snippets

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("collector-server")]
MODULES = FOLDER / "node" / "node_modules"
SEGMENT = """
    const { AnalyticsBrowser } = window.AnalyticsNext
    const analytics = AnalyticsBrowser.load({ writeKey: "KEY", cdnURL: "ADDRESS" })
    Promise.all([
      analytics.identify("segment-browser", { email: "segment-browser@example.com" }),
      analytics.track("Product Viewed", { sku: "TEA-1", price: 12.5 }),
      analytics.page("Tea"),
    ]).then(() => { window.done = true })
"""
RUDDER = """
    const rudder = new window.rudderanalytics.RudderAnalytics()
    rudder.load("KEY", "ADDRESS", { configUrl: "ADDRESS", onLoaded: () => { window.done = true },
      polyfillIfRequired: false, useBeacon: BEACON, beaconQueueOptions: { flushQueueInterval: 300 } })
    rudder.identify("rudder-browser", { email: "rudder-browser@example.com" })
    rudder.track("Product Viewed", { sku: "TEA-1", price: 12.5 })
    rudder.page("Tea")
"""
Visit = Callable[..., list[str]]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server of its own."""
    folder = tmp_path_factory.mktemp("browsers")
    with instances(folder) as fresh, closing(running(fresh("postgresql" if SERVER else "sqlite"))) as found:
        found.start()
        found.prepare()
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """A browser."""
    with chromium() as found:
        yield found


class Page(BaseHTTPRequestHandler):
    """A page of a shop."""

    def do_GET(self) -> None:
        """An empty one."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Tea</title>")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    """The address of a shop: another origin, of the same machine, or Chromium would ask for leave."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as found:
        threading.Thread(target=found.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{found.server_port}/"
        found.shutdown()


@pytest.fixture
def visit(browser: "Browser", server: Running, shop: str) -> Visit:
    """Open a page of a shop with a script, and the library before it; what the browser complains of."""

    def visited(script: str, library: Path | None = None) -> list[str]:
        complaints: list[str] = []
        page = browser.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("requestfailed", lambda failed: complaints.append(f"{failed.url} {failed.failure}"))
        page.goto(shop)
        if library:
            page.add_script_tag(path=library)
        page.evaluate(script.replace("KEY", server.key).replace("ADDRESS", f"http://127.0.0.1:{server.port}"))
        page.wait_for_function("window.done", timeout=10_000)
        page.wait_for_timeout(1500)
        page.close()
        return complaints

    return visited


def test_the_lines_to_paste_work_as_they_are(server: Running, visit: Visit) -> None:
    first = snippets(f"http://127.0.0.1:{server.port}", server.key)[0].lines
    script = first.replace("<script>", "").replace("</script>", "").replace("localStorage.visitor", "window.visitor")
    assert visit(f"(() => {{ {script}; window.done = true }})()") == []
    found = settled(server)
    assert found["wrong"] == []
    assert ["Product Viewed"] in found["events"].values()


def library(*parts: str) -> Path:
    """A library for browsers; skips where it is not installed."""
    found = MODULES.joinpath(*parts)
    if not found.exists():
        pytest.skip(f"{'/'.join(parts[:2])} is not installed: COLLECTOR_CLIENTS names no folder with it")
    return found


def test_analytics_next_speaks_from_another_site(server: Running, visit: Visit) -> None:
    assert visit(f"(() => {{ {SEGMENT} }})()", library("@segment", "analytics-next", "dist", "umd", "index.js")) == []
    found = settled(server)
    assert sorted(found["events"]["segment-browser"]) == ["Page Viewed", "Product Viewed"]
    assert "segment-browser@example.com" in found["people"]


@pytest.mark.parametrize("beacon", ["false", "true"])
def test_rudderstacks_browser_client_speaks_from_another_site(server: Running, visit: Visit, beacon: str) -> None:
    script = RUDDER.replace("BEACON", beacon).replace("rudder-browser", f"rudder-browser-{beacon}")
    parts = ("@rudderstack", "analytics-js", "dist", "npm", "modern", "bundled", "umd", "index.js")
    assert visit(f"(() => {{ {script} }})()", library(*parts)) == []
    found = settled(server)
    assert sorted(found["events"][f"rudder-browser-{beacon}@example.com"]) == ["Page Viewed", "Product Viewed"]
