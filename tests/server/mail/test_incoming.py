"""What came back is read for what it is: hand-made letters, hundreds of real ones, and whatever bytes there are."""

import csv
import hashlib
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.mail import letters
from stammkunde.server.mail.incoming import Verdict, read
from stammkunde.server.mail.incoming.replies import wants_out

#: The classes of Sisimai, which labelled the messages, in ours.
_SAME: Final = """
userunknown no_user, hostunknown no_host, hasmoved moved, notaccept no_mail_here, mailboxfull full, suspend disabled,
filtered filtered, rejected sender, blocked blocked, requireptr blocked, badreputation blocked,
authfailure authentication,
policyviolation policy, spamdetected spam, virusdetected virus, contenterror content, notcompliantrfc content,
mesgtoobig too_big, exceedlimit too_big, norelaying relay, securityerror security, toomanyconn too_many,
speeding too_many,
expired expired, networkerror network, systemerror system, systemfull system, mailererror system, syntaxerror syntax,
delivered delivered, onhold unknown, undefined unknown
"""
OURS: Final = dict(pair.split() for pair in _SAME.split(","))
KINDS: Final = {"feedback": {"complaint"}, "vacation": {"auto_reply"}, "delivered": {"report"}}
BOUNCES: Final = {"bounce", "delayed"}


def test_a_dead_address_is_told_by_postfix() -> None:
    said = read(letters.POSTFIX.encode())
    (ben,) = said.recipients
    assert (said.kind, ben.address, ben.status, ben.code, ben.hard) == (
        "bounce",
        "ben@example.org",
        "5.1.1",
        "550",
        True,
    )
    assert (said.original_message_id, said.to) == ("<s77.1a2b@shop.example>", ("bounce+77.abc@shop.example",))


def test_a_full_mailbox_is_not_dead_and_a_late_mail_not_lost() -> None:
    full, late, there = (read(each.encode()) for each in (letters.FULL, letters.DELAYED, letters.DELIVERED))
    assert (full.kind, full.recipients[0].reason, full.recipients[0].hard) == ("bounce", "full", False)
    assert (late.kind, late.recipients[0].hard) == ("delayed", False)
    assert (there.kind, there.recipients[0].reason) == ("report", "delivered")


def test_one_letter_speaks_of_two_people() -> None:
    ben, deniz = read(letters.QMAIL.encode()).recipients
    assert (ben.address, ben.reason, ben.hard) == ("ben@example.org", "no_user", True)
    assert (deniz.address, deniz.reason, deniz.hard) == ("deniz@example.org", "full", False)


def test_a_filter_that_says_no_such_user_after_the_whole_mail_kills_no_address() -> None:
    text = letters.QMAIL.replace("does not like recipient.", "failed after I sent the message.").replace("5.1.1 ", "")
    assert [each.hard for each in read(text.encode()).recipients] == [False, False]


def test_a_complaint_names_who_complains() -> None:
    said = read(letters.ARF.encode())
    assert (said.kind, said.feedback_type, said.recipients[0].address) == ("complaint", "abuse", "ben@example.org")
    assert said.original_message_id == "<s79.1a2b@shop.example>"


def test_somebody_away_is_no_bounce_and_no_reply() -> None:
    said = read(letters.AWAY.encode())
    assert (said.kind, said.automatic, said.original_message_id) == ("auto_reply", True, "<s80.1a2b@shop.example>")


def test_a_reply_is_what_anna_wrote_and_not_what_she_quotes() -> None:
    said = read(letters.reply("Where is my parcel?"))
    assert (said.kind, said.text, said.automatic) == ("reply", "Where is my parcel?", False)
    assert (said.sender, said.original_message_id) == ("anna@example.com", "<s80.1a2b@shop.example>")


@pytest.mark.parametrize(
    "text",
    [
        "unsubscribe",
        "Abmelden",
        "Bitte abmelden!",
        "STOP",
        "Hallo,\nbitte keine Werbung mehr.\nMit freundlichen Grüßen",
        "Please unsubscribe me from your newsletter. Thanks",
        "Remove me",
        "Bitte mich aus dem Verteiler nehmen.",
    ],
)
def test_a_reply_that_only_asks_to_be_left_alone(text: str) -> None:
    assert wants_out(read(letters.reply(text)).text)


@pytest.mark.parametrize(
    "text",
    [
        "How do I unsubscribe?",
        "Please stop my order 1001, I took the wrong size and want another one instead of it.",
        "Ich möchte mich nicht abmelden, aber wo ist mein Paket?",
        "",
        "Danke!",
        "Ich möchte den Tee zurückgeben.",
        "Ich widerspreche der Rechnung vom 3. Mai.",
        "Can I return the pot?",
    ],
)
def test_a_letter_in_which_the_word_stands_is_for_a_person_to_read(text: str) -> None:
    assert not wants_out(read(letters.reply(text)).text)


def labelled(shared_data: Path) -> dict[str, list[dict[str, str]]]:
    """What the labels say, by file."""
    rows: dict[str, list[dict[str, str]]] = defaultdict(list)
    with (shared_data / "bounce_samples" / "labels.csv").open() as file:
        for row in csv.DictReader(file):
            rows[row["file"]].append(row)
    return rows


def half(name: str) -> str:
    """Whether a file is one the rules were written on, or one they were tried on later."""
    return "development" if hashlib.sha256(name.encode()).digest()[0] % 2 == 0 else "validation"


def right(rows: list[dict[str, str]], said: Verdict) -> bool:
    """The kind is right, and so is, of every recipient, whether the address is dead."""
    wanted = KINDS.get(rows[0]["reason"], BOUNCES)
    dead = [each.hard for each in said.recipients]
    for row in rows if wanted == BOUNCES else []:
        at = int(row["recipient_no"])
        if at >= len(dead) or dead[at] != (row["hard_bounce"] == "true"):
            return False
    return said.kind in wanted and (wanted == BOUNCES or not any(dead))


def test_of_358_labelled_messages_97_in_100_are_right(shared_data: Path) -> None:
    count: Counter[tuple[str, str]] = Counter()
    for name, rows in labelled(shared_data).items():
        said = read((shared_data / "bounce_samples" / name).read_bytes())
        for part in (half(name), "all"):
            count[part, "files"] += 1
            count[part, "right"] += right(rows, said)
            count[part, "unread"] += said.kind == "unknown"
            count[part, "rows"] += len(rows)
            reasons = [said.recipients[int(row["recipient_no"])].reason for row in rows if said.recipients]
            count[part, "reason"] += sum(
                OURS.get(row["reason"], each) == each for row, each in zip(rows, reasons, strict=False)
            )
    print({"/".join(key): value for key, value in count.items()})
    assert count["all", "files"] == 358
    assert count["all", "unread"] == 0
    for part in ("all", "development"):
        assert count[part, "right"] >= 0.97 * count[part, "files"]
    assert count["validation", "right"] >= 0.95 * count["validation", "files"]
    assert count["all", "reason"] >= 0.90 * count["all", "rows"]


@pytest.mark.parametrize(
    ("folder", "kinds", "count"),
    [("flufl_bounce", BOUNCES, 67), ("flanker_bounce", BOUNCES, 9), ("flanker_complaints", {"complaint"}, 2)],
)
def test_other_collections_are_known_with_their_addresses(
    shared_data: Path, folder: str, kinds: set[str], count: int
) -> None:
    files = sorted((shared_data / "bounce_samples" / folder).iterdir())
    said = {each.name: read(each.read_bytes()) for each in files}
    wrong = {
        name for name, each in said.items() if each.kind not in kinds or not all(r.address for r in each.recipients)
    }
    assert (wrong, len(said)) == (set(), count)
    assert all(each.recipients for each in said.values())


def test_what_is_no_bounce_is_taken_for_none(shared_data: Path) -> None:
    for each in sorted((shared_data / "bounce_samples" / "sisimai_not_bounce").iterdir()):
        assert read(each.read_bytes()).kind == "reply"


@given(st.binary(max_size=3000))
def test_any_bytes_have_a_verdict(raw: bytes) -> None:
    assert isinstance(read(raw), Verdict)


SEEDS: Final = [letters.POSTFIX, letters.QMAIL, letters.ARF, letters.AWAY, letters.REPLY]


@given(st.data())
def test_a_letter_cut_spliced_and_lied_about_has_a_verdict(data: st.DataObject) -> None:
    raw = data.draw(st.sampled_from(SEEDS)).encode()
    for _ in range(data.draw(st.integers(1, 4))):
        start, end = sorted(data.draw(st.tuples(st.integers(0, len(raw)), st.integers(0, len(raw)))))
        put = data.draw(
            st.sampled_from([b"", b"\0\xff", b"=?utf-8?B?!!!?=", b"charset=punycode", b"\n\n--XX\n", raw[:200]])
        )
        raw = raw[:start] + put + raw[end:]
    said = read(raw)
    assert all(len(each.text) <= 1000 and len(each.address) <= 254 for each in said.recipients)


def nested(depth: int) -> bytes:
    """Parts in parts in parts."""
    heads = [f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(depth)]
    return ("From: a@example.com\n" + "".join(heads) + "\nword\n").encode()


@pytest.mark.parametrize(
    "raw",
    [
        nested(5000),
        b'Content-Type: multipart/mixed; boundary="b"\n\n' + b"--b\n\nx\n" * 200_000,
        letters.QMAIL.encode() + b"a" * 20_000_000,
        b"Subject: " + b"=?utf-8?B?YQ==?= " * 200_000 + b"\n\nhello",
        b"From: <>\nSubject: failure notice\n\nundelivered\n" + b"<a@b.example>:\n550 no\n" * 100_000,
        b"From: <>\nSubject: failure notice\n\nundelivered to " + b"x" * 2_000_000 + b"@example.org",
        b"From: <>\nSubject: failure notice\n\nmailbox " + b"mailbox for " * 100_000 + b"@example.org",
        letters.POSTFIX.replace(
            "Final-Recipient:", "Final-Recipient: rfc822; a@b.example\n\nFinal-Recipient:" * 20_000
        ).encode(),
        b"Content-Type: text/html\nFrom: a@example.com\n\n" + b"<" * 1_000_000,
        b"Content-Type: text/html\nFrom: a@example.com\n\n" + b"<style" * 300_000,
    ],
    ids=["deep", "wide", "huge", "words", "many", "long", "again", "fields", "tags", "styles"],
)
def test_a_bomb_takes_a_moment_and_no_more(raw: bytes) -> None:
    start = time.process_time()
    read(raw)
    assert time.process_time() - start < 5
