"""A shop on the network, played by a function: asked through the client that pulls use."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx

from stammkunde.server.shop.fetching import Guarded

Answers = Callable[[httpx.Request], httpx.Response]


@contextmanager
def network(answers: Answers, waited: list[float] | None = None) -> Iterator[Guarded]:
    """The client, in a network where every address is this shop. What it would have slept stands in `waited`."""
    with Guarded(lookup=lambda *_: ["203.0.114.7"], sleep=(waited if waited is not None else []).append) as client:
        client.http = httpx.Client(transport=httpx.MockTransport(answers))
        yield client
