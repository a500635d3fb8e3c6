"""Findings in words: what is so, and what to do about it."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stammkunde.server.mail.deliverability.findings import DnsRecord, Finding, Level

#: What is so, and what to do; filled in with what the finding is about.
WORDS: dict[str, tuple[Promise, Promise | str]] = {
    "no_address": (_("Nobody is named as sender."), _("Enter an address of the shop's own domain.")),
    "freemail": (
        _("%(domain)s is a provider of post boxes, not the shop's own domain."),
        _("Large providers refuse mail in their name from elsewhere. Send from an address of the shop's own domain."),
    ),
    "captured": (
        _("Mail is kept as files, and nothing leaves."),
        _("Choose an SMTP server or a provider as the way out."),
    ),
    "tried": (_("A test mail left this way."), ""),
    "untried": (_("No test mail has left this way yet."), _("Send one to yourself, below.")),
    "imprint": (_("The imprint is complete."), ""),
    "no_imprint": (
        _("The imprint is not complete: name, address and e-mail have to stand in every mail (§ 5 DDG)."),
        _("Enter them under Settings, Shop."),
    ),
    "one_click": (_("One click takes people off the list (RFC 8058)."), ""),
    "no_one_click": (
        _("One click cannot take people off the list: %(url)s is not reached by https from outside."),
        _("Set STAMMKUNDE_URL to the public address of this server, with https."),
    ),
    "return_address": (_("What cannot be delivered comes back to %(address)s."), ""),
    "no_return_address": (
        _("Nothing is learnt of mail that cannot be delivered: there is no return address."),
        _("Enter an address whose mailbox is read here, such as bounce@ of the shop's own domain."),
    ),
    "provider_returns": (_("The provider tells of mail that comes back, by its webhooks."), ""),
    "silent": (
        _("The name system did not answer about %(what)s."),
        _("Check again in some minutes. Told was: %(said)s"),
    ),
    "no_spf": (
        _("SPF: %(domain)s does not say which servers may send in its name."),
        _("Put this record into the name system."),
    ),
    "many_spf": (
        _("SPF: %(domain)s has %(number)s records, and receivers then heed none."),
        _("Put this one in the place of all of them."),
    ),
    "wrong_spf": (
        _("SPF: the record of %(domain)s cannot be used (%(said)s)."),
        _("Receivers ask at most ten questions for it. Mend it, or take out what does not send any more: %(now)s"),
    ),
    "spf_read": (_("SPF: %(domain)s has one record, and it takes %(number)s of ten questions."), ""),
    "spf_covers": (_("SPF: %(what)s may send."), ""),
    "spf_own": (_("SPF: %(provider)s sends with a return path of its own, which it answers for."), ""),
    "spf_lacks_provider": (
        _("SPF: the record does not name %(provider)s."),
        _("Mail is accepted by its signature all the same. Better both: put this record in its place."),
    ),
    "spf_who": (
        _("SPF: it cannot be told from which address of the internet mail comes (server: %(host)s)."),
        _("State below which servers send."),
    ),
    "spf_lacks": (
        _("SPF: %(what)s may not send (%(told)s)."),
        _("Put this record in the place of the one there is. If other servers send than the one that takes the mail, "
          "state them below."),
    ),
    "no_dkim": (
        _("DKIM: there is no key at %(name)s, so that nothing vouches for the signature."),
        _("Copy the record from the page of %(who)s that shows the key of this domain, and enter its selector below."),
    ),
    "no_dkim_found": (
        _("DKIM: no key was found under any usual selector."),
        _("Copy the record from the page of %(who)s that shows the key of this domain. If it is there already, enter "
          "its selector below: of %(name)s the first part."),
    ),
    "dkim_broken": (_("DKIM: the key at %(name)s cannot be read."), _("Copy it once more, whole and without blanks.")),
    "dkim_revoked": (_("DKIM: the key at %(name)s was taken back."), _("Make another one where mail is signed.")),
    "dkim_old": (_("DKIM: the key at %(name)s is for SHA-1 alone, which nobody heeds."), _("Take the tag h= out.")),
    "dkim_short": (
        _("DKIM: the key at %(name)s has %(bits)s bits; with less than 1024 nobody heeds it."),
        _("Make one of 2048 bits where mail is signed."),
    ),
    "dkim_good": (_("DKIM: a key of %(bits)s bits stands at %(name)s."), ""),
    "dkim_good_small": (
        _("DKIM: the key at %(name)s has %(bits)s bits."),
        _("It counts; 2048 bits are what is recommended."),
    ),
    "dkim_good_new": (
        _("DKIM: the key at %(name)s is of the kind %(kind)s, which not every receiver can check."),
        _("Sign with an RSA key besides."),
    ),
    "dkim_testing": (
        _("DKIM: the key at %(name)s is marked as a test."),
        _("Take the tag t=y out: some receivers heed no signature of a test."),
    ),
    "dkim_guessed": (
        _("DKIM: that mail is signed with the key “%(selector)s” is a guess."),
        _("Enter the selector below."),
    ),
    "no_dmarc": (
        _("DMARC: %(domain)s does not say what to do with mail that only claims to come from it."),
        _("Put this record into the name system. Later, once nothing of your own fails, p=quarantine is better."),
    ),
    "many_dmarc": (_("DMARC: %(domain)s has several records, and receivers then heed none."), _("Leave one of them.")),
    "wrong_dmarc": (
        _("DMARC: the record of %(domain)s asks for nothing that receivers know."),
        _("Put this record in its place."),
    ),
    "dmarc": (_("DMARC: %(domain)s has a policy (%(policy)s)."), ""),
    "dmarc_none": (
        _("DMARC: the policy only watches."),
        _("Enough for now. Once nothing of your own fails, p=quarantine keeps others from writing in your name."),
    ),
    "aligned": (_("Signature and return path both speak of %(sender)s."), ""),
    "aligned_by_key": (_("The signature speaks of %(sender)s; the return path need not."), ""),
    "aligned_by_path": (
        _("Only the return path speaks of %(sender)s."),
        _("Mail that is forwarded then fails. Have it signed for this domain."),
    ),
    "not_aligned": (
        _("Neither signature nor return path (%(back)s) speaks of %(sender)s, so that DMARC fails."),
        _("Have mail signed for %(sender)s, or take a return address of the same domain."),
    ),
    "takes_mail": (_("%(domain)s takes mail."), ""),
    "takes_none": (
        _("%(domain)s takes no mail: what is written to %(address)s is lost."),
        _("Enter an address that is read, or put an MX record for the domain into the name system."),
    ),
    "ptr": (_("%(address)s has a name that leads back to it: %(host)s."), ""),
    "no_ptr": (
        _("%(address)s has no name that leads back to it."),
        _("Whoever the address is rented from can set it. Gmail refuses mail that comes straight from such a one."),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Said:
    """A finding in the reader's words."""

    level: Level
    what: str
    advice: str
    record: DnsRecord | None


def said(finding: Finding) -> Said:
    """What is so, what to do, and what to copy."""
    what, advice = WORDS[finding.code]
    return Said(finding.level, str(what) % finding.about, str(advice) % finding.about, finding.record)
