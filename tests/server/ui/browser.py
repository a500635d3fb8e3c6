"""Pages in a headless Chromium, without a server: what Django answered is handed over by address, policy included."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.contrib.staticfiles import finders
from django.http import HttpResponse

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
HOST = "http://stammkunde.test"


@dataclass(frozen=True)
class Answer:
    """A page as the server sent it; kept apart from the database, which a browser's thread must not ask."""

    body: bytes
    policy: str

    @classmethod
    def of(cls, response: HttpResponse) -> "Answer":
        return cls(response.content, response.headers.get("Content-Security-Policy", ""))


@contextmanager
def chromium() -> Iterator["Browser"]:
    """A browser: Debian's where there is one, else playwright's own."""
    from playwright.sync_api import sync_playwright  # not installed where these tests are left out

    with sync_playwright() as machine:
        browser = machine.chromium.launch(executable_path=which("chromium"), args=["--no-sandbox"])
        yield browser
        browser.close()


def show(page: "Page", answers: Mapping[str, Answer], address: str) -> list[str]:
    """Open an address; what the browser complains of is returned."""
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.route("**/*", lambda route: _serve(route, answers))
    page.goto(HOST + address)
    return complaints


def _serve(route: "Route", answers: Mapping[str, Answer]) -> None:
    path = urlsplit(route.request.url).path
    if path in answers:
        headers = {"Content-Security-Policy": answers[path].policy, "Content-Type": "text/html; charset=utf-8"}
        route.fulfill(body=answers[path].body, headers=headers)
    elif found := _static(path):
        route.fulfill(body=found.read_bytes(), content_type=KINDS[found.suffix])
    else:
        route.fulfill(status=404, body="")


def _static(path: str) -> Path | None:
    name = path.removeprefix("/static/")
    found = finders.find(name) if name != path else None
    return Path(found) if isinstance(found, str) and Path(found).suffix in KINDS else None


def findings(page: "Page") -> list[str]:
    """What axe calls critical or serious: the rule, and where. What is being asked for is pale, and waited for."""
    page.locator(".htmx-request").first.wait_for(state="detached")
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate("async () => await axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{each['impact']} {each['id']}: {node['target']} {node['failureSummary'][:200]}"
        for each in found["violations"]
        for node in each["nodes"]
        if each["impact"] in {"critical", "serious"}
    ]


def too_small(page: "Page") -> list[str]:
    """Targets under 24 by 24 pixels that are no links within a sentence (WCAG 2.2, 2.5.8)."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll("a, button, input, select, summary")].filter((each) => {
            const box = each.getBoundingClientRect();
            const inText = each.matches("a") && each.closest("p, li, td, th, dd") && !each.closest("nav");
            const own = each.matches("input[type=checkbox], input[type=radio]") ? each.closest("label") : each;
            const size = own.getBoundingClientRect();
            const meant = box.width && box.left > -1000 && !each.matches("[aria-hidden=true]");
            return meant && !inText && (size.width < 24 || size.height < 24);
        }).map((each) => each.outerHTML.slice(0, 120))"""
    )
    return found
