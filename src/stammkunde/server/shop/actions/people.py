"""Who is who: names in payloads become identities, identities belong to customers, customers turn out to be one.

Rules of merging, in the order of their strength; each merge says which it was, and can be undone:

- `shop`: the source itself says that two names are one person (an alias, a merge in the shop).
- `email`: two customers go by the same e-mail address, and nobody but the shop vouches for it.
- `tracking`: somebody seen without a name gave one; only while that anonymous id belongs to nobody else.

Telephone numbers and names with postcodes are kept, but merge nobody: households share them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from stammkunde.server.accounts.actions import record
from stammkunde.server.accounts.models import Key, User
from stammkunde.server.lib import bulk
from stammkunde.server.shop.facts import CustomerFact, Who
from stammkunde.server.shop.models import Cart, Customer, Event, Identity, Merge, Order, Refund, Source, Word
from stammkunde.server.shop.queries.people import Claim, Known, by_origin, in_sets, known, words

_ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]+")
_WORD = ("customer_id", "word")
_IDENTITY = ("kind", "scope", "value", "verified", "customer_id", "seen_at")
#: What is kept of a person, and how long it may be.
_LIMITS = {
    "name": 200, "email": 254, "phone": 40, "company": 200, "postcode": 20, "country": 2, "locale": 16, "zone": 60,
}  # fmt: skip
_TOLD = (*_LIMITS, "born_on")


@dataclass(frozen=True)
class Person:
    """Whom a name stands for: the identity it came with, and the customer that belongs to today."""

    identity: int
    customer: int


def claims(who: Who, source: int) -> list[Claim]:
    """The identities of a name, the strongest first."""
    found = [
        (Identity.Kind.SHOP, source, who.shop_id.strip()),
        (Identity.Kind.EMAIL, 0, address(who.email)),
        (Identity.Kind.USER, source, who.user_id.strip()),
        (Identity.Kind.ANONYMOUS, source, who.anonymous_id.strip()),
    ]
    given = [(str(kind), scope, value[:254]) for kind, scope, value in found if value]
    digits = re.sub(r"\D", "", who.phone)
    return given or ([(str(Identity.Kind.PHONE), 0, digits)] if len(digits) > 5 else [])


def address(text: str) -> str:
    """An e-mail address as it is compared: trimmed, in small letters; empty for what is none."""
    found = text.strip().lower()
    return found if _ADDRESS.fullmatch(found) and len(found) <= 254 else ""


def resolve(source: Source, whos: Iterable[Who], *, now: datetime) -> dict[Who, Person]:
    """The person of each name; customers and identities are made, and merged, as the names ask for it.

    Call it inside a transaction. A name without any identity is nobody's.
    """
    asked = {who: found for who in dict.fromkeys(whos) if (found := claims(who, source.pk))}
    there = known({claim for found in asked.values() for claim in found})
    if fresh := [who for who, found in asked.items() if _owner(found, there) is None]:
        _make(fresh, asked, now)
        there |= known({claim for who in fresh for claim in asked[who]})
    if named := _name(asked, there, now):  # whoever has a name now may have been nameless: all that leads to them
        stale = {claim for claim, told in there.items() if told.customer in named.values()}
        there |= known({*named, *stale})
    if _merge_all(asked, there, now):
        there = known({claim for found in asked.values() for claim in found})
    _describe(asked, there, now)
    return {who: Person(there[found[0]].identity, there[found[0]].customer) for who, found in asked.items()}


@transaction.atomic
def met(email: str, *, now: datetime) -> Customer:
    """The customer who goes by an address, made where nobody does yet: somebody who signs up is met by it.

    Raises
    ------
    ValueError : it is no address.
    """
    who = Who(email=email)
    found = resolve(Source(pk=0), [who], now=now)
    if who not in found:
        raise ValueError(f"{email!r} is no address.")
    changed([found[who].customer])
    return Customer.objects.get(pk=found[who].customer)


def _make(fresh: Sequence[Who], asked: dict[Who, list[Claim]], now: datetime) -> None:
    """Customers nobody knew, with the identity they came with."""
    origins: dict[str, Who] = {}
    for who in fresh:
        origins.setdefault(":".join(map(str, asked[who][0])), who)
    rows = [(origin, *_details(who).values(), "", "", now, now) for origin, who in origins.items()]
    columns = ("origin", *_TOLD, "type", "channel", "known_since", "changed_at")
    bulk.insert(Customer, columns, rows, key=("origin",))
    ids = by_origin(origins)
    bulk.insert(Word, _WORD, _words((ids[origin], who) for origin, who in origins.items()), key=_WORD)
    firsts = [(*asked[who][0], who.verified, ids[origin], now) for origin, who in origins.items()]
    bulk.insert(Identity, _IDENTITY, firsts, key=_IDENTITY[:3])


def _name(asked: dict[Who, list[Claim]], there: dict[Claim, Known], now: datetime) -> dict[Claim, int]:
    """Further identities of the same name, where nobody has them yet; returns them and whose they are."""
    rows: dict[Claim, tuple[object, ...]] = {}
    owners: dict[Claim, int] = {}
    for who, found in asked.items():
        owner = _owner(found, there)
        if owner is not None:
            for claim in found:
                if claim not in there:
                    rows.setdefault(claim, (*claim, who.verified, owner, now))
                    owners.setdefault(claim, owner)
    bulk.insert(Identity, _IDENTITY, rows.values(), key=_IDENTITY[:3])
    return owners


def _owner(found: Sequence[Claim], there: Mapping[Claim, Known]) -> int | None:
    """Whose the name is, as far as it is known. A browser that somebody else signed in with tells nothing of who it is
    now: it counts alone, or while nobody has a name for it."""
    for claim in found:
        told = there.get(claim)
        if told and (claim[0] != Identity.Kind.ANONYMOUS or told.nameless or claim == found[0]):
            return told.customer
    return None


def _merge_all(asked: dict[Who, list[Claim]], there: dict[Claim, Known], now: datetime) -> bool:
    """Customers whom one name shows to be one."""
    moved: dict[int, int] = {}

    def today(customer: int) -> int:
        while customer in moved:
            customer = moved[customer]
        return customer

    for found in asked.values():
        first = today(there[found[0]].customer)
        for claim in found[1:]:
            other = today(there[claim].customer)
            if other == first:
                continue
            rule = _rule(claim, found[0], there)
            if rule:
                kept, gone = (first, other) if rule == "tracking" or first < other else (other, first)
                _merge(kept, gone, rule=rule, reason=f"{claim[0]} {claim[2]}", now=now, by=None)
                moved[gone], first = kept, kept
    return bool(moved)


def _rule(claim: Claim, first: Claim, there: dict[Claim, Known]) -> str:
    if claim[0] == Identity.Kind.EMAIL:
        return "email"
    anonymous = claim if claim[0] == Identity.Kind.ANONYMOUS else first if first[0] == Identity.Kind.ANONYMOUS else None
    if anonymous is None:
        return "email" if first[0] == Identity.Kind.EMAIL else ""
    return "tracking" if there[anonymous].nameless else ""


def _details(who: Who) -> dict[str, Any]:
    """What a payload says of a person, as it is kept."""
    told = ((name, getattr(who, name), limit) for name, limit in _LIMITS.items())
    said = {name: " ".join(str(text).split())[:limit] if text else "" for name, text, limit in told}
    return said | {"email": address(who.email), "country": said["country"].upper(), "born_on": who.born_on}


def _words(people: Iterable[tuple[int, Who]]) -> Iterator[tuple[int, str]]:
    for customer, who in people:
        yield from ((customer, word) for word in words(f"{who.name} {who.company} {address(who.email)}"))


def _describe(asked: dict[Who, list[Claim]], there: dict[Claim, Known], now: datetime) -> None:
    """What the payloads say of customers. An account of the shop knows best; others fill what is not known."""
    said = {there[found[0]].customer: who for who, found in sorted(asked.items(), key=lambda one: bool(one[0].shop_id))}
    born = {there[found[0]].customer: who.born_on for who, found in asked.items() if who.born_on}  # an order tells none
    rows = []
    for some in in_sets(list(said)):
        for old in Customer.objects.filter(pk__in=some).values("pk", *_TOLD):
            who = said[old["pk"]]
            details = _details(who) | {"born_on": who.born_on or born.get(old["pk"])}
            new = {n: (text or old[n]) if who.shop_id else (old[n] or text) for n, text in details.items()}
            if any(new[name] != old[name] for name in _TOLD):
                rows.append((*new.values(), now, old["pk"]))
    if rows:
        names = ", ".join(f"{name} = %s" for name in _TOLD)
        with connection.cursor() as cursor:
            cursor.executemany(f"UPDATE shop_customer SET {names}, changed_at = %s WHERE id = %s", rows)
        bulk.insert(Word, _WORD, _words((row[-1], said[row[-1]]) for row in rows), key=_WORD)


def keep(facts: Sequence[CustomerFact], who: Mapping[Who, Person], *, now: datetime) -> int:
    """What a shop says of its customers beside their names; returns how many it said something new of.

    One whom the shop erased loses name, address and identities; the orders stay, nobody's, for the books.
    """
    count = 0
    for fact in facts:
        person = who.get(fact.who)
        if person is None:
            continue
        row = Customer.objects.filter(pk=person.customer)
        if fact.gone:
            count += row.update(name="", email="", phone="", company="", postcode="", born_on=None, changed_at=now)
            Word.objects.filter(customer=person.customer).delete()
            Identity.objects.filter(customer=person.customer).exclude(kind=Identity.Kind.SHOP).delete()
            continue
        count += row.filter(known_since__gt=fact.known_since).update(known_since=fact.known_since, changed_at=now)
        if fact.channel:
            count += row.filter(channel="").update(channel=fact.channel[:80], changed_at=now)
    return count


def changed(customers: Iterable[int]) -> None:
    """Note that something came in about these, for whoever computes from the record."""
    with connection.cursor() as cursor:
        for some in in_sets(sorted(customers)):
            rows = ", ".join(["(%s, 1)"] * len(some))
            cursor.execute(
                f"INSERT INTO shop_changed (customer_id, times) VALUES {rows} "
                "ON CONFLICT (customer_id) DO UPDATE SET times = shop_changed.times + 1",
                some,
            )


def since(customers: Iterable[int]) -> None:
    """Known since the first order, where that was before; acquired by the channel of the first order."""
    with connection.cursor() as cursor:
        for some in in_sets(sorted(customers)):
            blanks = ", ".join(["%s"] * len(some))
            cursor.execute(_SINCE.format(ids=blanks), some)
            cursor.execute(_CHANNEL.format(ids=blanks), some)


_FIRST = "(SELECT {what} FROM shop_order o WHERE o.customer_id = shop_customer.id ORDER BY o.placed_at, o.id LIMIT 1)"
_SINCE = f"""UPDATE shop_customer SET known_since = {_FIRST.format(what="o.placed_at")}
    WHERE id IN ({{ids}}) AND known_since > {_FIRST.format(what="o.placed_at")}"""
_CHANNEL = f"""UPDATE shop_customer SET channel = COALESCE({_FIRST.format(what="o.channel")}, '')
    WHERE id IN ({{ids}}) AND channel = ''"""


@transaction.atomic
def merge(kept: Customer, gone: Customer, *, reason: str, now: datetime, by: User | Key) -> Merge:
    """Two customers are one, says a person.

    Raises
    ------
    ValueError : they are one already.
    """
    if kept.pk == gone.pk or gone.merged_into_id or kept.merged_into_id:
        raise ValueError("One of the two has already been merged.")
    user = by.by if isinstance(by, Key) else by
    found = _merge(kept.pk, gone.pk, rule="by hand", reason=reason, now=now, by=user)
    record("merged", "customer", now=now, by=by, subject_id=kept.pk, title=str(kept), change={"gone": gone.pk})
    return found


def told(source: Source, pairs: Iterable[tuple[Who, Who]], *, now: datetime) -> int:
    """Merge names that the source says are one person. Returns how many customers went."""
    pairs = list(pairs)
    people = resolve(source, [who for pair in pairs for who in pair], now=now)
    count = 0
    for one, other in pairs:
        if one in people and other in people:
            a, b = (Customer.objects.get(pk=people[who].customer) for who in (one, other))
            a, b = a.merged_into or a, b.merged_into or b
            if a.pk != b.pk:
                _merge(min(a.pk, b.pk), max(a.pk, b.pk), rule="shop", reason=f"told by {source.name}", now=now, by=None)
                count += 1
    return count


@transaction.atomic
def unmerge(found: Merge, *, now: datetime, by: User | Key) -> None:
    """Take a merge back: its identities return, and the facts that came with them.

    Raises
    ------
    ValueError : it was taken back before.
    """
    if not Merge.objects.filter(pk=found.pk, undone_at=None).update(undone_at=now):
        raise ValueError("This merge was taken back before.")
    Customer.objects.filter(pk=found.gone_id).update(merged_into=None, changed_at=now)
    changed([found.gone_id, found.kept_id])
    _move(found.identities, found.gone_id, now)
    kept = Customer.objects.get(pk=found.kept_id)
    alien = {n: None if n == "born_on" else "" for n, text in found.filled.items() if str(getattr(kept, n)) == text}
    Customer.objects.filter(pk=kept.pk).update(**alien)
    _reword(found.kept_id, found.gone_id)
    record("unmerged", "customer", now=now, by=by, subject_id=found.kept_id, change={"back": found.gone_id})


def _merge(kept: int, gone: int, *, rule: str, reason: str, now: datetime, by: User | None) -> Merge:
    moving = list(Identity.objects.filter(customer_id=gone).values_list("pk", flat=True))
    Customer.objects.filter(pk=gone).update(merged_into=kept, changed_at=now)
    changed([kept, gone])
    Customer.objects.filter(merged_into=gone).update(merged_into=kept)
    _move(moving, kept, now)
    stays, goes = Customer.objects.get(pk=kept), Customer.objects.get(pk=gone)
    filled = {n: getattr(goes, n) for n in (*_LIMITS, "channel") if getattr(goes, n) and not getattr(stays, n)}
    first = min(stays.known_since, goes.known_since)
    if goes.born_on and not stays.born_on:
        filled["born_on"] = goes.born_on.isoformat()
    Customer.objects.filter(pk=kept).update(**filled, known_since=first)
    _reword(kept)
    return Merge.objects.create(
        kept_id=kept, gone_id=gone, rule=rule, reason=reason[:300], identities=moving, filled=filled, at=now, by=by
    )


def _reword(*customers: int) -> None:
    """The words they are found by, anew."""
    Word.objects.filter(customer__in=customers).delete()
    for one in Customer.objects.filter(pk__in=customers):
        mails = one.identities.filter(kind=Identity.Kind.EMAIL).values_list("value", flat=True)
        found = words(" ".join((one.name, one.company, one.email, *mails)))
        bulk.insert(Word, _WORD, [(one.pk, word) for word in found], key=_WORD)


def _move(identities: Sequence[int], customer: int, now: datetime) -> None:
    """Identities to another customer, and the facts that follow them."""
    Identity.objects.filter(pk__in=identities).update(customer_id=customer)
    for model in (Order, Refund, Cart, Event):
        model._default_manager.filter(identity__in=identities).update(customer_id=customer)
    Customer.objects.filter(pk=customer).update(changed_at=now)
    changed([customer])
