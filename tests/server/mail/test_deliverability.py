"""Whether mail to many would arrive, by zones made by hand: what is wrong, and the record that mends it."""

import ipaddress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.mail.zones import BACK, KEY, OFFICE, SHORT, TEA, Zones, key
from stammkunde.server.mail.deliverability import dkim, dmarc, spf
from stammkunde.server.mail.deliverability.checks import Setting, domain_of, look
from stammkunde.server.mail.deliverability.findings import DnsRecord, Finding, Level
from stammkunde.server.mail.deliverability.names import Names
from stammkunde.server.mail.deliverability.providers import PROVIDERS
from stammkunde.server.mail.deliverability.words import WORDS, said

GOOD = Setting(
    address="tee@tea.example", return_address="bounce@tea.example", host="mail.tea.example", selector="2026",
    public_url="https://stamm.tea.example", imprint=True, tried=True,
)  # fmt: skip


def zone(text: str, *, domain: str = "tea.example") -> str:
    return f"$ORIGIN {domain}.\n@ 300 IN SOA ns host 1 1 1 1 1\n@ 300 IN NS ns\n{text}\n"


def found(setting: Setting, names: Names) -> dict[str, Finding]:
    some = look(setting, names)
    assert all(said(each).what for each in some)
    return {each.code: each for each in some}


def wrong(setting: Setting, names: Names) -> set[str]:
    return {each.code for each in look(setting, names) if each.level == Level.BAD}


def test_a_shop_that_is_set_up_well_has_nothing_to_mend() -> None:
    names = Zones(TEA, OFFICE, BACK)
    assert [each.code for each in look(GOOD, names) if each.level != Level.GOOD] == []
    assert found(GOOD, names)["spf_read"].about == {"domain": "tea.example", "number": 2}


def test_a_domain_of_which_nothing_is_known_gets_the_records_to_copy() -> None:
    names = Zones(zone("mail 300 IN A 93.184.216.7"))
    some = found(GOOD, names)
    assert wrong(GOOD, names) == {"no_spf", "no_dkim", "no_dmarc", "takes_none"}
    assert some["no_spf"].record == DnsRecord("tea.example", "TXT", "v=spf1 ip4:93.184.216.7 ~all")
    assert some["no_dmarc"].record == DnsRecord("_dmarc.tea.example", "TXT", "v=DMARC1; p=none")
    assert some["no_ptr"].record == DnsRecord("7.216.184.93.in-addr.arpa", "PTR", "mail.tea.example")


def test_two_records_of_spf_count_as_none_and_are_put_together() -> None:
    two = zone(
        '@ 300 IN TXT "v=spf1 mx -all"\n@ 300 IN TXT "v=spf1 include:office.example -all"\nmail 300 IN A 93.184.216.7'
    )
    record = found(GOOD, Zones(two, OFFICE))["many_spf"].record
    assert record
    terms = record.value.split()
    assert (terms[0], terms[-1]) == ("v=spf1", "-all")
    assert set(terms[1:-1]) == {"mx", "include:office.example", "ip4:93.184.216.7"}


def test_a_server_that_the_record_does_not_name_is_told_with_the_whole_new_record() -> None:
    names = Zones(zone('@ 300 IN TXT "v=spf1 include:office.example ~all"\nmail 300 IN A 93.184.216.7'), OFFICE)
    lacking = found(GOOD, names)["spf_lacks"]
    assert (lacking.level, lacking.about["told"]) == (Level.BAD, "softfail")
    assert lacking.record
    assert lacking.record.value == "v=spf1 include:office.example ip4:93.184.216.7 ~all"


def test_servers_that_send_in_the_place_of_the_one_that_takes_mail_are_judged_instead() -> None:
    names = Zones(TEA, OFFICE)
    assert found(replace(GOOD, outgoing=["203.0.113.9"]), names).keys() >= {"spf_who"}  # of documentation, not public
    away = replace(GOOD, outgoing=["8.8.8.8", "mail.tea.example"])
    by = {each.about["what"]: each.code for each in look(away, names) if each.code in ("spf_covers", "spf_lacks")}
    assert by == {"8.8.8.8": "spf_lacks", "93.184.216.7": "spf_covers"}


def test_a_server_in_the_own_network_says_nothing_of_where_mail_comes_from() -> None:
    assert "spf_who" in found(replace(GOOD, host="10.0.0.5"), Zones(TEA, OFFICE))


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("v=spf1 ip4:93.184.216.7 -all", "pass"),
        ("v=spf1 +ip4:93.184.0.0/16 -all", "pass"),
        ("v=spf1 -ip4:93.184.216.7 +all", "fail"),
        ("v=spf1 a:mail.tea.example -all", "pass"),
        ("v=spf1 a:mail.tea.example/24 -all", "pass"),
        ("v=spf1 a -all", "fail"),
        ("v=spf1 mx ?all", "pass"),
        ("V=SPF1 IP4:93.184.216.7 -ALL", "pass"),
        ("v=spf1 include:office.example -all", "fail"),
        ("v=spf1 redirect=office.example", "softfail"),
        ("v=spf1 ip4:1.2.3.4", "neutral"),
        ("v=spf1", "neutral"),
        ("v=spf10 -all", "none"),
        ("v=spf1 exists:%{i}.x.example ?all", "neutral"),
    ],
)
def test_records_are_read_as_the_specification_says(text: str, result: str) -> None:
    names = Zones(zone(f'@ 300 IN TXT "{text}"\n@ 300 IN MX 10 mail\nmail 300 IN A 93.184.216.7'), OFFICE)
    assert spf.Walk(names, ipaddress.ip_address("93.184.216.7")).result("tea.example") == result


@pytest.mark.parametrize(
    "text",
    [
        "v=spf1 include:tea.example -all",  # itself, for ever
        "v=spf1 include:nobody.example -all",
        "v=spf1 redirect=nobody.example",
        "v=spf1 ip4:300.1.1.1 -all",
        "v=spf1 sender -all",
        "v=spf1 include -all",
        "v=spf1 a:a.tea.example a:b.tea.example a:c.tea.example -all",  # three without an answer
        "v=spf1 " + " ".join(f"include:n{n}.o.example" for n in range(11)) + " -all",
    ],
)
def test_a_record_that_receivers_could_not_use_is_bad(text: str) -> None:
    many = "\n".join(f'n{n} 300 IN TXT "v=spf1 ip4:203.0.113.{n} -all"' for n in range(11))
    names = Zones(zone(f'@ 300 IN TXT "{text}"'), OFFICE, zone(many, domain="o.example"))
    assert "wrong_spf" in wrong(GOOD, names)


def test_ten_questions_are_enough_and_an_eleventh_is_too_much() -> None:
    def asks(number: int) -> str:
        return zone(
            f'@ 300 IN TXT "v=spf1 {" ".join(["mx"] * number)} -all"\n@ 300 IN MX 10 mail\nmail 300 IN A 8.8.8.8'
        )

    assert spf.questions(Zones(asks(10)), "tea.example") == 10
    with pytest.raises(spf.WrongError, match="10"):
        spf.questions(Zones(asks(11)), "tea.example")


@given(st.lists(st.sampled_from(["mx", "a", "include:x.example", "ip4:8.8.8.8", "-all", "~all", "redirect=y.example"])))
def test_a_proposed_record_is_one_that_can_be_read_and_names_what_was_asked(terms: list[str]) -> None:
    value = spf.allowing([" ".join(["v=spf1", *terms])], ["ip4:93.184.216.7"])
    nets = "v=spf1 ip4:1.1.1.1 ?all"
    names = Zones(
        zone(f'@ 300 IN TXT "{value}"\n@ 300 IN MX 10 mail\n@ 300 IN A 9.9.9.9\nmail 300 IN A 9.9.9.9'),
        zone(f'@ 300 IN TXT "{nets}"', domain="x.example"),
        zone(f'@ 300 IN TXT "{nets}"', domain="y.example"),
    )
    assert spf.Walk(names, ipaddress.ip_address("93.184.216.7")).result("tea.example") == "pass"


@pytest.mark.parametrize(
    ("record", "code", "level"),
    [
        (KEY, "dkim_good", Level.GOOD),
        (key(1024), "dkim_good_small", Level.WARN),
        (SHORT, "dkim_short", Level.BAD),
        ('"v=DKIM1; p="', "dkim_revoked", Level.BAD),
        ('"v=DKIM1; p=bm8ga2V5"', "dkim_broken", Level.BAD),
        ('"v=DKIM1; h=sha1; p=bm8ga2V5"', "dkim_old", Level.BAD),
        ('"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="', "dkim_good_new", Level.WARN),
        (KEY.replace("k=rsa;", "k=rsa; t=y;"), "dkim_testing", Level.WARN),
    ],
    ids=["good", "small", "short", "revoked", "broken", "old", "new", "testing"],
)
def test_a_key_is_judged_by_its_kind_and_length(record: str, code: str, level: Level) -> None:
    names = Zones(zone(f"2026._domainkey 300 IN TXT {record}"))
    assert found(GOOD, names)[code].level == level


def test_a_key_behind_a_cname_counts_and_one_that_nobody_named_is_looked_for() -> None:
    lines = 's1._domainkey 300 IN CNAME s1.office.example.\n_dmarc 300 IN TXT "v=DMARC1; p=none"'
    names = Zones(zone(lines), OFFICE + f"s1 300 IN TXT {KEY}\n")
    some = found(replace(GOOD, selector=""), names)
    assert some["dkim_good"].about["name"] == "s1._domainkey.tea.example"
    assert some["dkim_guessed"].level == Level.WARN
    assert found(replace(GOOD, transport="sendgrid", selector=""), names).keys() >= {"dkim_good", "aligned_by_key"}


def test_the_policy_may_stand_at_a_domain_above_and_decides_who_counts_as_one() -> None:
    strict = TEA.replace("p=quarantine;", "p=reject; sp=none; aspf=s;")
    news = replace(GOOD, address="news@mail.tea.example", return_address="bounce@tea.example")
    policy = dmarc.policy(Zones(strict), "mail.tea.example")
    assert policy
    assert (policy.domain, policy.policy, policy.strict_spf) == ("tea.example", "none", True)
    assert "not_aligned" in found(news, Zones(strict, OFFICE))
    assert "aligned_by_path" in found(news, Zones(TEA, OFFICE))
    assert "aligned" in found(GOOD, Zones(strict, OFFICE))


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ('_dmarc 300 IN TXT "v=DMARC1; p=none"\n_dmarc 300 IN TXT "v=DMARC1; p=reject"', "many_dmarc"),
        ('_dmarc 300 IN TXT "v=DMARC1; rua=mailto:a@tea.example"', "wrong_dmarc"),
        ('_dmarc 300 IN TXT "p=none"', "no_dmarc"),
        ("@ 300 IN MX 0 .", "takes_none"),
    ],
)
def test_records_that_receivers_do_not_heed_are_bad(lines: str, code: str) -> None:
    assert code in wrong(GOOD, Zones(zone(lines)))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"imprint": False}, "no_imprint"),
        ({"tried": False}, "untried"),
        ({"return_address": ""}, "no_return_address"),
        ({"public_url": "http://stamm.tea.example"}, "no_one_click"),
        ({"public_url": "https://127.0.0.1:8000"}, "no_one_click"),
        ({"public_url": "https://localhost"}, "no_one_click"),
        ({"transport": "captured"}, "captured"),
        ({"address": ""}, "no_address"),
        ({"address": "teeladen@gmx.de"}, "freemail"),
        ({"reply_to": "owner@nowhere.example"}, "takes_none"),
    ],
)
def test_what_is_set_here_is_looked_at_too(change: dict[str, object], code: str) -> None:
    assert wrong(replace(GOOD, **change), Zones(TEA, OFFICE, BACK)) == {code}  # type: ignore[arg-type]


def test_nothing_is_asked_about_a_post_box_that_anybody_can_have() -> None:
    names = Zones(TEA)
    look(replace(GOOD, address="teeladen@gmail.com"), names)
    assert names.asked == []


def test_where_the_name_system_is_silent_nothing_is_said_to_be_wrong() -> None:
    names = Zones(TEA, OFFICE, BACK, silent=("office.example", "_dmarc.tea.example"))
    some = look(GOOD, names)
    assert {each.about["what"] for each in some if each.level == Level.UNKNOWN} == {"SPF", "DMARC"}
    assert wrong(GOOD, names) == set()


def test_a_provider_is_named_in_the_record_or_it_is_told_how() -> None:
    brevo = replace(GOOD, transport="brevo", selector="2026", return_address="")
    some = found(brevo, Zones(TEA, OFFICE))
    assert some["spf_lacks_provider"].level == Level.WARN
    assert some["spf_lacks_provider"].record
    assert "include:spf.brevo.com" in some["spf_lacks_provider"].record.value
    assert wrong(brevo, Zones(TEA, OFFICE)) == set()


def test_every_finding_has_words_and_every_provider_is_one_of_anymail() -> None:
    import importlib

    for name in PROVIDERS:
        assert importlib.import_module(f"anymail.backends.{name}").EmailBackend
    blanks = ("domain", "number", "said", "now", "what", "told", "host", "provider", "name", "who", "bits", "kind")
    about = dict.fromkeys((*blanks, "selector", "policy", "sender", "back", "address", "url"), "x")
    for code in WORDS:
        assert said(Finding(code, Level.GOOD, about)).what


def test_domains_with_letters_of_their_own_are_asked_for_as_the_name_system_writes_them() -> None:
    assert domain_of("info@tee-köln.example") == "xn--tee-kln-e1a.example"
    assert domain_of("no address") == domain_of("a@" + "x" * 80 + ".example") == ""


@given(st.text(max_size=60))
def test_no_record_breaks_the_reading(text: str) -> None:
    class One(Zones):
        def txt(self, name: str) -> list[str]:
            return [text, f"v=spf1 {text}", f"v=DMARC1;{text}", f"v=DKIM1; p={text}"]

    assert look(GOOD, One(TEA))


def test_a_finding_comes_back_as_it_was_kept() -> None:
    for each in look(GOOD, Zones(zone("mail 300 IN A 93.184.216.7"))):
        assert Finding.of(each.plain()) == each


def test_keys_are_read_by_their_tags() -> None:
    assert dkim.tags("v=DKIM1; k=rsa ;p = abc=; x") == {"v": "DKIM1", "k": "rsa", "p": "abc="}
