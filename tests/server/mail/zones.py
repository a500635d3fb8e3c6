"""A name system made by hand: zones as text, read by dnspython as a name server would read them."""

import base64
from collections.abc import Iterator

import dns.zone
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from dns.name import Name, from_text
from dns.rdatatype import RdataType
from dns.reversename import from_address

from stammkunde.server.mail.deliverability.names import SilentError


def key(bits: int = 2048) -> str:
    """A record of DKIM with a key, in the parts that a TXT record takes."""
    made = generate_private_key(65537, bits).public_key()
    text = base64.b64encode(made.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
    return f'"v=DKIM1; k=rsa; p={text[:200]}" "{text[200:]}"'


KEY = key()
#: A key of 768 bits, made by OpenSSL: the library makes none so short.
SHORT = (
    '"v=DKIM1; k=rsa; p=MHwwDQYJKoZIhvcNAQEBBQADawAwaAJhAJ1dJtxQ++AXtceg5JcN3IhOD7xr1cavPMGloxUAH91vkToj'
    'JZubTyvRMDc7P1ycQuBc08ViV8RwNAYPrzzMozXRf55TwQkUFVqOKej3LqvyZqEWzkuCedWzZYyKhtzfswIDAQAB"'
)
#: A shop whose mail leaves from a server of its own, as it should be.
TEA = f"""
$ORIGIN tea.example.
@ 300 IN SOA ns host 1 1 1 1 1
@ 300 IN NS ns
@ 300 IN TXT "v=spf1 mx ip4:198.51.100.7 include:office.example -all"
@ 300 IN TXT "google-site-verification=abc"
@ 300 IN MX 10 mail
mail 300 IN A 93.184.216.7
_dmarc 300 IN TXT "v=DMARC1; p=quarantine; rua=mailto:d@tea.example"
2026._domainkey 300 IN TXT {KEY}
"""
OFFICE = """
$ORIGIN office.example.
@ 300 IN SOA ns host 1 1 1 1 1
@ 300 IN NS ns
@ 300 IN TXT "v=spf1 ip4:203.0.113.0/24 ~all"
"""
BACK = """
$ORIGIN 216.184.93.in-addr.arpa.
@ 300 IN SOA ns host 1 1 1 1 1
@ 300 IN NS ns
7 300 IN PTR mail.tea.example.
"""


class Zones:
    """Answers from zones, following CNAMEs; `silent` names answer nothing, `asked` counts."""

    def __init__(self, *texts: str, silent: tuple[str, ...] = ()) -> None:
        self.zones = [dns.zone.from_text(text, relativize=False, check_origin=True) for text in texts]
        self.silent, self.asked = silent, list[tuple[str, str]]()

    def txt(self, name: str) -> list[str]:
        return [b"".join(each.strings).decode() for each in self._find(name, "TXT")]

    def mx(self, name: str) -> list[tuple[int, str]]:
        return sorted((each.preference, str(each.exchange).rstrip(".")) for each in self._find(name, "MX"))

    def addresses(self, name: str) -> list[str]:
        return [each.address for kind in ("A", "AAAA") for each in self._find(name, kind)]

    def back(self, address: str) -> list[str]:
        return [str(each.target).rstrip(".") for each in self._find(str(from_address(address)), "PTR")]

    def _find(self, name: str, kind: str) -> Iterator[object]:
        self.asked.append((name, kind))
        if name in self.silent:
            raise SilentError(name)
        whole: Name = from_text(name)
        for zone in self.zones:
            if whole.is_subdomain(zone.origin):
                for way in (RdataType.CNAME, RdataType.make(kind)):
                    found = zone.get_rdataset(whole, way)
                    if found and way == RdataType.CNAME:
                        yield from self._find(str(found[0].target), kind)
                        return
                    yield from found or ()
