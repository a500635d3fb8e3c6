"""Asking shops: only the open internet, the address that was judged, patience by their word, and limits."""

import http.server
import socket
import ssl
import tempfile
import threading
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from stammkunde.server.lib.outside import public
from stammkunde.server.shop import fetching
from stammkunde.server.shop.fetching import Guarded
from stammkunde.server.shop.sources.base import SourceError

Script = Callable[[http.server.BaseHTTPRequestHandler, int], None]


class Local:
    """A web server on this machine that answers by a script and counts."""

    def __init__(self, script: Script) -> None:
        self.count, self.hosts, outer = 0, list[str](), self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.count += 1
                outer.hosts.append(self.headers["Host"])
                script(self, outer.count)

            do_POST = do_GET  # noqa: N815  its name

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def local() -> Iterator[Callable[[Script], Local]]:
    """Makes web servers that end with the test."""
    made: list[Local] = []

    def make(script: Script) -> Local:
        made.append(Local(script))
        return made[-1]

    yield make
    for each in made:
        each.close()


def say(handler: http.server.BaseHTTPRequestHandler, status: int, body: bytes = b"[]", **headers: str) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.5.5", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1", "fc00::1",
        "fd12:3456::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::a00:1",
        "2001:db8::1",
    ],
)  # fmt: skip
def test_addresses_of_the_own_network_are_not_asked(address: str) -> None:
    assert not public(address)
    with pytest.raises(SourceError, match="own network"), Guarded(lookup=lambda *_: [address]) as client:
        client.ask("GET", "https://shop.example/orders")


@pytest.mark.parametrize("address", ["8.8.8.8", "2a00:1450:4001::1", "::ffff:8.8.8.8"])
def test_addresses_of_the_open_internet_may_be(address: str) -> None:
    assert public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://[::1]/",
        "http://127.1/",
    ],
)
def test_this_machine_by_any_name_is_refused(url: str) -> None:
    with pytest.raises(SourceError), Guarded() as client:
        client.ask("GET", url)


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(SourceError, match="own network"), Guarded(lookup=lambda *_: ["8.8.8.8", "10.0.0.1"]) as client:
        client.ask("GET", "https://shop.example/")


@pytest.mark.parametrize(
    "url", ["ftp://shop.example/", "file:///etc/passwd", "gopher://x/", "https://a:b@shop.example/", "/x"]
)
def test_only_plain_web_addresses_are_asked(url: str) -> None:
    with pytest.raises(SourceError, match="no address of a shop"), Guarded(lookup=lambda *_: ["8.8.8.8"]) as client:
        client.ask("GET", url)


def test_an_owner_may_allow_a_shop_in_the_own_network(local: Callable[[Script], Local]) -> None:
    shop = local(lambda handler, _: say(handler, 200, b'{"amount": 1.10}'))
    with Guarded(allow_private=True) as client:
        found = client.ask("GET", f"http://localhost:{shop.port}/orders", params={"page": 2}, auth=("a", "b"))
    assert str(found.document()["amount"]) == "1.10"
    assert shop.hosts == [f"localhost:{shop.port}"]


def test_the_connection_goes_to_the_address_that_was_judged(
    local: Callable[[Script], Local], monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the name would lead elsewhere if it were asked a second time."""
    shop = local(lambda handler, _: say(handler, 200))
    answers = iter([["127.0.0.1"], ["10.0.0.1"], ["10.0.0.1"]])
    monkeypatch.setattr(fetching, "public", lambda address: address == "127.0.0.1")
    names: list[object] = []
    real = socket.getaddrinfo

    def seen(host: object, *args: object, **more: object) -> object:
        names.append(host)
        return real(host, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", seen)
    with Guarded(lookup=lambda *_: next(answers)) as client:
        assert client.ask("GET", f"http://shop.example:{shop.port}/").status == 200
    assert set(names) <= {"127.0.0.1"}
    assert shop.hosts == [f"shop.example:{shop.port}"]


def test_a_second_try_is_judged_again(local: Callable[[Script], Local], monkeypatch: pytest.MonkeyPatch) -> None:
    shop = local(lambda handler, _: say(handler, 503))
    answers = iter([["127.0.0.1"], ["169.254.169.254"]])
    monkeypatch.setattr(fetching, "public", lambda address: address == "127.0.0.1")
    with (
        pytest.raises(SourceError, match="own network"),
        Guarded(lookup=lambda *_: next(answers), sleep=lambda _: None) as client,
    ):
        client.ask("GET", f"http://shop.example:{shop.port}/")
    assert shop.count == 1


def test_redirects_are_told_not_followed(local: Callable[[Script], Local]) -> None:
    inside = local(lambda handler, _: say(handler, 200))
    shop = local(lambda handler, _: say(handler, 302, Location=f"http://127.0.0.1:{inside.port}/secret?key=1"))
    with pytest.raises(SourceError, match="redirects") as told, Guarded(allow_private=True) as client:
        client.ask("GET", f"http://127.0.0.1:{shop.port}/")
    assert "key=1" not in str(told.value)
    assert inside.count == 0


def test_a_busy_shop_is_waited_for_as_long_as_it_says(local: Callable[[Script], Local]) -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)

    def script(handler: http.server.BaseHTTPRequestHandler, count: int) -> None:
        headers = {1: {"Retry_After": "7"}, 2: {"Retry_After": soon}}.get(count, {})
        say(handler, 429 if count < 4 else 200, **headers)

    shop, slept, beats = local(script), list[float](), list[int]()
    with Guarded(allow_private=True, sleep=slept.append, beat=lambda: beats.append(1)) as client:
        assert client.ask("GET", f"http://127.0.0.1:{shop.port}/").status == 200
    assert sum(slept) == pytest.approx(7 + 29.5 + 8, abs=2)
    assert max(slept) <= 5
    assert len(beats) > 8


def test_a_shop_that_stays_busy_or_refuses_is_told_with_advice(local: Callable[[Script], Local]) -> None:
    shop = local(lambda handler, _: say(handler, 401, b"bad key"))
    refused = pytest.raises(SourceError, match="401: bad key\nThe shop does not accept")
    with refused, Guarded(allow_private=True) as client:
        client.ask("GET", f"http://127.0.0.1:{shop.port}/orders?consumer_key=ck_1")
    assert shop.count == 1
    busy = local(lambda handler, _: say(handler, 503))
    with pytest.raises(SourceError, match="503"), Guarded(allow_private=True, sleep=lambda _: None) as client:
        client.ask("GET", f"http://127.0.0.1:{busy.port}/")
    assert busy.count == fetching.TRIES


def test_nobody_there_is_told_too() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (
        pytest.raises(SourceError, match="does not answer"),
        Guarded(allow_private=True, sleep=lambda _: None) as client,
    ):
        client.ask("GET", f"http://127.0.0.1:{port}/")


def test_the_certificate_must_be_the_shops_although_an_address_is_asked(local: Callable[[Script], Local]) -> None:
    shop = local(lambda handler, _: say(handler, 200))
    theirs, ours = certified("shop.example")
    shop.server.socket = theirs.wrap_socket(shop.server.socket, server_side=True)
    with Guarded(allow_private=True, lookup=lambda *_: ["127.0.0.1"], sleep=lambda _: None) as client:
        client.http.close()
        client.http = httpx.Client(verify=ours, trust_env=False)
        assert client.ask("GET", f"https://shop.example:{shop.port}/").status == 200
        with pytest.raises(SourceError, match="CERTIFICATE_VERIFY_FAILED"):
            client.ask("GET", f"https://other.example:{shop.port}/")


def certified(name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """TLS of a server with a certificate of a name, and of a client that trusts that one alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    certificate = made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as file:
        file.write(certificate + secret)
        file.flush()
        server.load_cert_chain(file.name)
    return server, ssl.create_default_context(cadata=certificate.decode())


def test_an_answer_without_end_is_cut_and_a_packed_bomb_too(
    local: Callable[[Script], Local], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "LARGEST", 100_000)
    packer = zlib.compressobj(wbits=31)
    bomb = packer.compress(b"0" * 20_000_000) + packer.flush()
    shop = local(lambda handler, _: say(handler, 200, bomb, Content_Encoding="gzip"))
    with pytest.raises(SourceError, match="more than"), Guarded(allow_private=True) as client:
        client.ask("GET", f"http://127.0.0.1:{shop.port}/")


def test_an_answer_that_is_no_json_is_told() -> None:
    with pytest.raises(SourceError, match="not JSON"):
        fetching.Answer(200, {}, b"<html>").document()
