"""What has to be right before mail goes to many: Google, Yahoo and Microsoft refuse or hide what has it not."""

import ipaddress
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from stammkunde.server.lib.outside import public
from stammkunde.server.mail.deliverability import dkim, dmarc, spf
from stammkunde.server.mail.deliverability.dmarc import Policy
from stammkunde.server.mail.deliverability.findings import DnsRecord, Finding, bad, good, unknown, warn
from stammkunde.server.mail.deliverability.names import Names, SilentError
from stammkunde.server.mail.deliverability.providers import FREE, PROVIDERS, USUAL


@dataclass(frozen=True)
class Setting:
    """What is to be judged: the sender as it is set, and what else counts. `outgoing` are addresses or names of servers
    that send in the place of `host`; `tried` whether a test mail left over just this."""

    address: str
    reply_to: str = ""
    return_address: str = ""
    transport: str = "smtp"
    host: str = ""
    outgoing: Sequence[str] = ()
    selector: str = ""
    public_url: str = ""
    imprint: bool = False
    tried: bool = False

    @property
    def domain(self) -> str:
        """Of the sender."""
        return domain_of(self.address)

    @property
    def back(self) -> str:
        """Of the return path; a provider has one of its own."""
        return domain_of(self.return_address) or self.domain


def domain_of(address: str) -> str:
    """The domain of an address, as the name system has it; empty where there is none."""
    said = address.rpartition("@")[2].strip(". ").lower() if "@" in address else ""
    try:
        return said.encode("idna").decode("ascii")
    except UnicodeError:
        return ""


def look(setting: Setting, names: Names) -> list[Finding]:
    """Everything that can be found, in the order in which it is best mended."""
    found = list(_house(setting))
    if not setting.domain:
        return [bad("no_address"), *found]
    if setting.domain in FREE:
        return [bad("freemail", domain=setting.domain), *found]
    signed = _asked(lambda: _dkim(setting, names), "DKIM")
    policy: list[Policy | None] = []
    found += _asked(lambda: _spf(setting, names), "SPF")
    found += signed
    found += _asked(lambda: _dmarc(setting, names, policy), "DMARC")
    if policy and policy[0] and not policy[0].many:
        found += _aligned(setting, policy[0], signed=any(each.code.startswith("dkim_good") for each in signed))
    found += _asked(lambda: _mx(setting, names), "MX")
    if setting.transport == "smtp":
        found += _asked(lambda: _back(setting, names), "PTR")
    return found


def _asked(check: Callable[[], Iterator[Finding]], what: str) -> list[Finding]:
    """The findings of a check; where the name system does not say, that."""
    found = []
    try:
        for each in check():
            found.append(each)  # noqa: PERF402  what was found before the name system fell silent counts
    except SilentError as error:
        found.append(unknown("silent", what=what, said=str(error)))
    return found


def _house(setting: Setting) -> Iterator[Finding]:
    """What is set here, and asks nobody."""
    if setting.transport == "captured":
        yield bad("captured")
    elif setting.tried:
        yield good("tried")
    else:
        yield bad("untried")
    yield good("imprint") if setting.imprint else bad("no_imprint")
    url = urlsplit(setting.public_url)
    if url.scheme == "https" and "." in (url.hostname or "") and not _number(url.hostname or ""):
        yield good("one_click")
    else:
        yield bad("no_one_click", url=setting.public_url)
    if setting.return_address:
        yield good("return_address", address=setting.return_address)
    elif setting.transport in ("smtp", "captured"):
        yield bad("no_return_address")
    else:
        yield good("provider_returns")


def _number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _spf(setting: Setting, names: Names) -> Iterator[Finding]:
    provider = PROVIDERS.get(setting.transport)
    domain = setting.domain if provider else setting.back
    existing = spf.records(names, domain)
    senders = [] if provider else _senders(setting, names)
    wanted = [f"include:{provider.spf}"] if provider and provider.spf else [_term(each) for each in senders]
    record = DnsRecord(domain, "TXT", spf.allowing(existing, wanted))
    if not existing:
        yield bad("no_spf", record, domain=domain)
        return
    if len(existing) > 1:
        yield bad("many_spf", record, domain=domain, number=len(existing))
        return
    try:
        number = spf.questions(names, domain)
    except spf.WrongError as error:
        yield bad("wrong_spf", domain=domain, said=str(error), now=existing[0])
        return
    yield good("spf_read", domain=domain, number=number)
    yield from _covers(setting, names, record, senders)


def _covers(setting: Setting, names: Names, record: DnsRecord, senders: Sequence[str]) -> Iterator[Finding]:
    """Whether the record names what sends."""
    provider = PROVIDERS.get(setting.transport)
    if provider:
        walk = spf.Walk(names, ipaddress.ip_address("192.0.2.1"))
        walk.result(record.name)
        if not provider.spf:
            yield good("spf_own", provider=provider.title)
        elif provider.spf in walk.named:
            yield good("spf_covers", what=provider.title)
        else:
            yield warn("spf_lacks_provider", record, provider=provider.title)
        return
    if not senders:
        yield bad("spf_who", host=setting.host)
        return
    for each in senders:
        told = spf.Walk(names, ipaddress.ip_address(each)).result(record.name)
        yield good("spf_covers", what=each) if told == "pass" else bad("spf_lacks", record, what=each, told=told)


def _senders(setting: Setting, names: Names) -> list[str]:
    """Addresses of the open internet from which mail comes: those that were stated, else those of the server."""
    found: list[str] = []
    for each in setting.outgoing or [setting.host]:
        found += [each] if _number(each) else names.addresses(each) if each else []
    return [each for each in dict.fromkeys(found) if public(each)]


def _term(address: str) -> str:
    return f"ip{ipaddress.ip_address(address).version}:{address}"


def _dkim(setting: Setting, names: Names) -> Iterator[Finding]:
    provider = PROVIDERS.get(setting.transport)
    usual = provider.selectors if provider else USUAL
    selectors = [setting.selector] if setting.selector else list(usual)
    keys = [each for name in selectors if (each := dkim.key(names, setting.domain, name)) is not None]
    best = max(keys, key=lambda each: (not each.wrong, each.bits), default=None)
    if best is None:
        name = f"{setting.selector or 'SELECTOR'}._domainkey.{setting.domain}"
        title = provider.title if provider else setting.host
        yield bad("no_dkim" if setting.selector or not usual else "no_dkim_found", name=name, who=title)
        return
    name = f"{best.selector}._domainkey.{setting.domain}"
    about: dict[str, str | int] = {"name": name, "bits": best.bits, "kind": best.kind}
    if best.wrong:
        yield bad(f"dkim_{best.wrong}", **about)
    elif best.kind == "rsa" and best.bits < dkim.LEAST:
        yield bad("dkim_short", **about)
    elif best.kind != "rsa":
        yield warn("dkim_good_new", **about)
    elif best.bits < dkim.WANTED:
        yield warn("dkim_good_small", **about)
    else:
        yield good("dkim_good", **about)
    if best.testing:
        yield warn("dkim_testing", **about)
    if not setting.selector and not provider:
        yield warn("dkim_guessed", selector=best.selector)


def _dmarc(setting: Setting, names: Names, policy: list[Policy | None]) -> Iterator[Finding]:
    found = dmarc.policy(names, setting.domain)
    policy.append(found)
    record = DnsRecord(f"_dmarc.{setting.domain}", "TXT", "v=DMARC1; p=none")
    if found is None:
        yield bad("no_dmarc", record, domain=setting.domain)
    elif found.many:
        yield bad("many_dmarc", domain=found.domain)
    elif found.policy not in dmarc.POLICIES:
        yield bad("wrong_dmarc", DnsRecord(f"_dmarc.{found.domain}", "TXT", "v=DMARC1; p=none"), domain=found.domain)
    else:
        yield good("dmarc", domain=found.domain, policy=found.policy)
        if found.policy == "none":
            yield good("dmarc_none")


def _aligned(setting: Setting, policy: Policy, *, signed: bool) -> Iterator[Finding]:
    """Whether what receivers check speaks of the domain that people see."""
    own = setting.transport == "smtp" and dmarc.aligned(
        setting.back, setting.domain, strict=policy.strict_spf, top=policy.domain
    )
    about: dict[str, str | int] = {"sender": setting.domain, "back": setting.back}
    if signed and own:
        yield good("aligned", **about)
    elif signed:
        yield good("aligned_by_key", **about)
    elif own:
        yield warn("aligned_by_path", **about)
    elif setting.transport == "smtp":
        yield bad("not_aligned", **about)


def _mx(setting: Setting, names: Names) -> Iterator[Finding]:
    """Whether answers and what cannot be delivered arrive."""
    asked = {domain_of(each): each for each in (setting.reply_to or setting.address, setting.return_address) if each}
    for domain, address in asked.items():
        servers = names.mx(domain)
        takes = any(host for _, host in servers) if servers else bool(names.addresses(domain))
        yield good("takes_mail", domain=domain) if takes else bad("takes_none", domain=domain, address=address)


def _back(setting: Setting, names: Names) -> Iterator[Finding]:
    """Whether the servers that send have names that lead back to them."""
    for address in _senders(setting, names):
        hosts = names.back(address)
        if any(address in names.addresses(host) for host in hosts):
            yield good("ptr", address=address, host=hosts[0])
        else:
            record = DnsRecord(
                str(ipaddress.ip_address(address).reverse_pointer), "PTR", setting.host or setting.domain
            )
            yield warn("no_ptr", record, address=address)
