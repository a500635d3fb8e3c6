"""Signs by which a mail is known: written by a machine, on somebody's behalf, or by a person."""

import re

from stammkunde.server.mail.incoming.mime import Headers, Mail

_DAEMON = re.compile(
    r"mailer[-_. ]?daemon|post_?master|mail ?delivery ?(?:sub)?system|mail delivery|mdaemon|<>|^\s*$|daemon@|mailadm|"
    r"no-?reply@.*(?:dion|ezweb|auone)|delivery[-_]?status|bounce",
    re.IGNORECASE,
)
_BOUNCED = re.compile(
    r"undeliver|deliver\w* (?:fail|status|notification|problem|error|report|delay)|(?:fail\w*|return\w*|"
    r"reject\w*|bounce\w*)\b.{0,20}"
    r"(?:mail|message|notice|delivery|sender)|(?:mail|message|delivery).{0,40}(?:fail|reject|return|error|delay|"
    r"bounce|could not)|"
    r"could ?n[o']t be (?:sent|delivered)|nondeliver|non-deliver|unzustellbar|nicht zugestellt|zustellung|"
    r"failure notice|"
    r"mail error|メールエラー|エラー|配信|non remis|no entregado|non consegnat|не доставлено|warning: message|"
    r"delivery warning|mail system error",
    re.IGNORECASE,
)
_NOT_ARRIVED = re.compile(
    r"(?:could|can|was|did|has|have|were|is|are|will)\s?(?:no|n[o']t)\b.{0,40}(?:deliver|sent|reach|"
    r"be delivered|accept|recogni|exist)|"
    r"postponed|undeliver\w*|deliver\w* .{0,40}(?:fail|error|problem|impossible|delay)|fail\w*.{0,30}(?:deliver|"
    r"recipient|address|to send)|"
    r"(?:unable|wasn't able|not able|impossible) to (?:deliver|send|be delivered)|error(?:s)? .{0,40}(?:deliver|"
    r"occurred|address)|"
    r"permanent(?:ly)? (?:fatal )?(?:error|fail)|not (?:been )?(?:delivered|reach)|returned (?:mail|to sender|"
    r"message)|bounced|"
    r"transcript of session|mailbox is full|送信できません|配信できません|送信に失敗|届けられません|"
    r"nicht (?:zugestellt|ausgeliefert|erreicht)|"
    r"unzustellbar|rejected by|no such user|user unknown|unknown user|failure reasons|was rejected|"
    r"had (?:permanent|delivery|fatal)|"
    r"не (?:может быть|доставлено)|n'a pas pu|no (?:se )?(?:pudo|ha podido)|address\w* .{0,20}(?:rejected|"
    r"invalid)|google groups",
    re.IGNORECASE,
)
_AWAY = re.compile(
    r"out of (?:the )?office|auto(?:matic|mated|matische)?[- ]?(?:reply|response|antwort|responder)|abwesen|"
    r"automatic|vacation|"
    r"(?:currently|presently) (?:away|out)|away (?:from|until)|on (?:vacation|holiday|leave)|absence|absent|"
    r"respuesta autom|"
    r"r[eé]ponse automatique|risposta automatica|自動(?:返信|応答)|不在|ferie|im urlaub|nicht im (?:b[uü]ro|"
    r"haus)|eingangsbest[aä]tigung",
    re.IGNORECASE,
)
_MACHINES = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply-from", "x-vacation", "x-mail-autoreply")
_SUBMITTED = re.compile(r"auto-(?:replied|generated|notified)", re.IGNORECASE)
_PRECEDENCE = re.compile(r"bulk|junk|auto_reply|list", re.IGNORECASE)


def by_daemon(headers: Headers) -> bool:
    """Written by a mail system: an empty sender, or a name that systems have."""
    path = headers.get("return-path").strip()
    sender = headers.get("from")
    return path in ("<>", "<MAILER-DAEMON>") or ("from" in headers and bool(_DAEMON.search(sender)))


def tells_of_failure(headers: Headers, letter: str) -> bool:
    """A letter about a mail that did not arrive: it says so, and so does its sender or its subject."""
    subject = bool(_BOUNCED.search(headers.get("subject")))
    if not (by_daemon(headers) or subject) or (away(headers) and not subject):
        return False
    return bool(_NOT_ARRIVED.search(letter[:8000])) or subject


def away(headers: Headers) -> bool:
    """A subject that says somebody is not there."""
    return bool(_AWAY.search(headers.get("subject")))


def automatic(mail: Mail) -> bool:
    """Sent by no person (RFC 3834): such a mail is never answered."""
    headers = mail.headers
    said = headers.get("auto-submitted")
    marked = bool(_SUBMITTED.search(said)) or any(name in headers for name in _MACHINES)
    return marked or bool(_PRECEDENCE.fullmatch(headers.get("precedence").strip())) or by_daemon(headers)


def replies_by_itself(mail: Mail) -> bool:
    """A machine's answer on somebody's behalf: away, a receipt, read, not read."""
    headers = mail.headers
    if mail.first("message/disposition-notification"):
        return True
    said = bool(_SUBMITTED.search(headers.get("auto-submitted"))) or any(name in headers for name in _MACHINES)
    precedence = headers.get("precedence").strip().lower() == "auto_reply"
    return said or precedence or away(headers)
