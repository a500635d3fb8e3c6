"""Mails as bytes: what was put in is what a parser reads, and nobody adds a header of their own."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stammkunde.server.mail.rendering.mime import AddressError, Letter, address, build

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def letter(**changed: Any) -> Letter:
    said = {
        "from_address": "tee@shop.example",
        "to_address": "anna@example.com",
        "subject": "Tee",
        "html": "<p>Grüße</p>",
        "text": "Grüße\n",
        "message_id": "<7.abc@shop.example>",
        "date": NOW,
    }
    return Letter(**(said | changed))


def parsed(made: bytes) -> EmailMessage:
    found = message_from_bytes(made, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def lines(made: bytes) -> list[bytes]:
    """Its lines, after seeing that every one ends as SMTP wants it."""
    assert made.endswith(b"\r\n")
    assert made.count(b"\n") == made.count(b"\r") == made.count(b"\r\n")
    return made.split(b"\r\n")


def test_what_was_put_in_is_read_back() -> None:
    mail = letter(
        from_name="Teehaus Müller, Berlin", to_name='Anna "Änne" Muster', reply_to="hilfe@shop.example", language="de",
        unsubscribe="https://shop.example/p/u/1~2:x", list_id="news.shop.example", list_name="Neues für Sie",
        feedback_id="7:shop",
    )  # fmt: skip
    found = parsed(build(mail))
    assert found["From"].addresses[0].display_name == "Teehaus Müller, Berlin"
    assert found["To"].addresses[0].display_name == 'Anna "Änne" Muster'
    assert found["To"].addresses[0].addr_spec == "anna@example.com"
    assert found["Date"].datetime == NOW
    assert found["Message-ID"] == "<7.abc@shop.example>"
    assert found["List-Unsubscribe"] == "<https://shop.example/p/u/1~2:x>"
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert found["List-Id"].replace("\n", "") == "Neues für Sie <news.shop.example>"
    assert found["Auto-Submitted"] == "auto-generated"
    assert [each.get_content_type() for each in found.iter_parts()] == ["text/plain", "text/html"]
    assert [each.get_content() for each in found.iter_parts()] == ["Grüße", "<p>Grüße</p>"]
    assert found.defects == []


def test_a_mail_that_is_no_advertising_has_no_way_to_unsubscribe() -> None:
    assert parsed(build(letter()))["List-Unsubscribe"] is None
    assert parsed(build(letter()))["List-Unsubscribe-Post"] is None


ANY = st.text(max_size=300)
PLAIN = st.text(
    alphabet=st.characters(blacklist_categories=["Cc", "Cs", "Zs", "Zl", "Zp", "Cf"]), min_size=1, max_size=120
)


@given(ANY, ANY, ANY, ANY, ANY)
def test_nobody_can_add_a_header(subject: str, name: str, to: str, html: str, text: str) -> None:
    made = build(letter(subject=subject, from_name=name, to_name=to, html=html, text=text, extra=(("X-Ref", subject),)))
    usual = parsed(build(letter(extra=(("X-Ref", "x"),))))
    found = parsed(made)
    assert found.keys() == usual.keys()
    assert [each.keys() for each in found.iter_parts()] == [each.keys() for each in usual.iter_parts()]
    assert found["From"].addresses[0].addr_spec == "tee@shop.example"
    assert len(found["To"].addresses) == 1
    assert max(map(len, lines(made))) <= 80


@given(PLAIN, PLAIN)
def test_a_subject_and_a_name_are_read_as_they_were_written(subject: str, name: str) -> None:
    made = build(letter(subject=subject, to_name=name))
    assert parsed(made)["Subject"] == subject
    raw = message_from_bytes(made, policy=policy.compat32)["To"].rpartition("<")[0].strip()
    # Python 3.11 puts a blank between encoded words of a name (gh-92081), but not where it decodes them by themselves.
    read = (
        str(make_header(decode_header(raw))) if raw.startswith("=?") else parsed(made)["To"].addresses[0].display_name
    )
    assert read == name


@given(st.text(alphabet=st.characters(blacklist_categories=["Cs"]), max_size=3000))
def test_bodies_are_read_as_they_were_written(body: str) -> None:
    made = build(letter(text=body, html=body))
    for part in parsed(made).iter_parts():
        said = part.get_payload(decode=True)
        assert isinstance(said, bytes)
        shown = body.replace("\r\n", "\n").replace("\r", "\n")
        assert said.decode().replace("\r\n", "\n").rstrip("\n") == shown.rstrip("\n")
    assert max(map(len, lines(made))) <= 78


BAD = [
    "anna", "anna@", "@example.com", "anna@example.com\nBcc: eve@example.com", "anna@exam ple.com", "a b@example.com",
    "anna@example.com>, <eve@example.com", "Anna <anna@example.com>", "anna@-x.com", "ännä@example.com", "a@b.de,c@d.e",
]  # fmt: skip


@pytest.mark.parametrize("said", BAD)
def test_what_is_no_address_is_refused(said: str) -> None:
    for where in ("from_address", "to_address", "reply_to"):
        with pytest.raises(AddressError):
            build(letter(**{where: said}))


@given(ANY)
def test_an_address_that_is_taken_is_one_address(said: str) -> None:
    try:
        made = address(said)
    except AddressError:
        return
    found = parsed(f"To: {made}\r\n\r\n".encode())["To"]
    assert [each.addr_spec for each in found.addresses] == [made]


@pytest.mark.parametrize(
    "url", ["https://x/\r\nBcc: eve@x", "javascript:x", "https://x/> <y", "https://x/ä", "https://x/ y"]
)
def test_a_way_out_that_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(AddressError):
        build(letter(unsubscribe=url))


@pytest.mark.parametrize("said", ["7@shop", "<7@shop>\r\nX: y", "<7 8@shop>", "<ä@shop>", ""])
def test_an_id_that_is_none_is_refused(said: str) -> None:
    with pytest.raises(AddressError):
        build(letter(message_id=said))


def test_a_host_in_other_letters_is_written_in_punycode() -> None:
    assert address("anna@käse.de") == "anna@xn--kse-qla.de"


def test_building_is_fast() -> None:
    mail = letter(html="<p style='x'>Tee für alle</p>" * 400, text="Tee für alle\n" * 300, from_name="Teehaus Müller")
    began, times = process_time(), 300
    for _ in range(times):
        made = build(mail)
    assert len(made) > 16_000
    assert times / (process_time() - began) > 1_000  # 5,500 where nothing else runs
