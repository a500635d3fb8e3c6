"""Mails that came back, written by hand after the ways of mail systems; nobody's real mail."""

POSTFIX = """\
Return-Path: <>
From: MAILER-DAEMON@mail.shop.example (Mail Delivery System)
To: bounce+77.abc@shop.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="XX"

--XX
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mail.shop.example.

<ben@example.org>: host mx.example.org[192.0.2.9] said: 550 5.1.1 <ben@example.org>:
    Recipient address rejected: User unknown in virtual mailbox table (in reply to RCPT TO command)

--XX
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.shop.example
Arrival-Date: Mon,  2 Mar 2026 09:00:00 +0000 (UTC)

Final-Recipient: rfc822; ben@example.org
Original-Recipient: rfc822;ben@example.org
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.example.org
Diagnostic-Code: smtp; 550 5.1.1 <ben@example.org>: Recipient address rejected: User unknown in virtual
    mailbox table

--XX
Content-Type: message/rfc822

Message-ID: <s77.1a2b@shop.example>
From: Tea Shop <hello@shop.example>
To: Ben <ben@example.org>
Subject: Your tea

Hello Ben
--XX--
"""

FULL = POSTFIX.replace("5.1.1", "5.2.2").replace("User unknown in virtual", "Mailbox full, over quota of virtual")

DELAYED = POSTFIX.replace("Action: failed", "Action: delayed").replace("5.1.1", "4.4.1")

DELIVERED = POSTFIX.replace("Action: failed", "Action: delivered").replace("Status: 5.1.1", "Status: 2.0.0")

QMAIL = """\
Return-Path: <>
From: MAILER-DAEMON@mx.example.net
To: hello@shop.example
Subject: failure notice

Hi. This is the qmail-send program at mx.example.net.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<ben@example.org>:
192.0.2.9 does not like recipient.
Remote host said: 550 5.1.1 No such user
Giving up on 192.0.2.9.

<deniz@example.org>:
192.0.2.9 does not like recipient.
Remote host said: 552 5.2.2 Mailbox full
Giving up on 192.0.2.9.

--- Below this line is a copy of the message.

Return-Path: <hello@shop.example>
Message-ID: <s78.1a2b@shop.example>
From: Tea Shop <hello@shop.example>
To: ben@example.org, deniz@example.org
Subject: Your tea

Hello
"""

ARF = """\
From: <feedback@loop.example>
To: abuse@shop.example
Subject: FW: Your tea
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="YY"

--YY
Content-Type: text/plain

This is an email abuse report.

--YY
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: SomeGenerator/1.0
Version: 1
Original-Rcpt-To: <ben@example.org>

--YY
Content-Type: message/rfc822

Message-ID: <s79.1a2b@shop.example>
From: Tea Shop <hello@shop.example>
To: ben@example.org
Subject: Your tea

Hello Ben
--YY--
"""

AWAY = """\
Return-Path: <anna@example.com>
From: Anna <anna@example.com>
To: hello@shop.example
Subject: Abwesenheit: Ihre Teepost
Auto-Submitted: auto-replied
In-Reply-To: <s80.1a2b@shop.example>
Content-Type: text/plain; charset=utf-8

Ich bin bis 5. Mai im Urlaub und lese keine Mails.
"""

REPLY = """\
Return-Path: <anna@example.com>
From: Anna <anna@example.com>
To: hello@shop.example
Subject: Re: Your tea
Message-ID: <reply-1@example.com>
In-Reply-To: <s80.1a2b@shop.example>
References: <s80.1a2b@shop.example>
Content-Type: text/plain; charset=utf-8

{said}

On Mon, 2 Mar 2026, Tea Shop wrote:
> Hello Anna,
> here is your tea. To unsubscribe follow the link.
"""


def reply(said: str) -> bytes:
    """Anna answers a mail of the shop."""
    return REPLY.format(said=said).encode()
