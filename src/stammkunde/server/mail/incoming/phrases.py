"""The sentences of mail systems, by what they mean: the table of `reasons`."""

import re
from typing import Final

from stammkunde.server.mail.incoming.verdict import Reason

Words = tuple[tuple[Reason, "re.Pattern[str]"], ...]


def any_of(*phrases: str) -> "re.Pattern[str]":
    """One pattern for several ways to say it."""
    return re.compile("|".join(phrases))


#: Sentences that need no second look.
EXACT: Final[Words] = (
    (
        Reason.SENDER,
        any_of(
            r"domain of (?:the )?sender|sender address rejected|sender domain|sender verif",
        ),
    ),
    (
        Reason.NO_HOST,
        any_of(
            r"account or domain may not exist|(?<![@\w.-])(?:[\w-]+\.){1,8}[a-z]{2,20}\.? does not exist",
        ),
    ),
    (
        Reason.SYSTEM,
        any_of(
            r"procmail: |command died|pipe to \||output file|missing home directory",
        ),
    ),
    (
        Reason.SPAM,
        any_of(
            r"(?:rejected|blocked|refused) (?:due to|as|because of|for) (?:being )?(?:likely )?spam",
        ),
    ),
    (
        Reason.SENDER,
        any_of(
            r"sending to/from an address|sending this from a different address|(?:mail|post) to the group",
        ),
    ),
    (
        Reason.NO_USER,
        any_of(
            r"5\.4\.1 .{0,200}recipient address rejected: access denied|because the address couldn.t be found",
        ),
    ),
)

#: Meanings, the more exact before the more general (texts are lower case, in one line, links by their host alone).
WORDS: Final[Words] = (
    (
        Reason.FULL,
        any_of(
            (
                r"mail ?(?:box|folder|storage)(?: of \S+| for \S+| \S+@\S+)?(?: is| has been|"
                r" was)? (?:temporarily )?(?:full|exceeded|over)"
            ),
            r"mailbox_?full|mail ?box (?:size|quota)|boite .{0,30}pleine|quota .{0,30}d[eé]pass|postfach .{0,30}voll",
            r"over (?:the |their |his |its )?(?:disk |mail |storage |allotted )?quota|quota (?:is |has been )?exceed",
            r"exceed\w* .{0,40}(?:quota|storage|mailbox)|out of (?:storage|email) (?:space|quota)|over ?quota",
            r"(?:inbox|in-box|account|user|recipient|maildrop)(?:'s \w+)? (?:is |has )?(?:full|over ?quota)",
            r"(?:not enough|insufficient|no) (?:storage|disk) space.{0,40}(?:mailbox|user|recipient|folder)",
            r"exceeded .{0,30}(?:local limit|number of messages)|mailbox .{0,60}(?:exceeded|over quota|limit)",
            r"(?:容量|メールボックス).{0,20}(?:超え|一杯|いっぱい|オーバー)|maximum mail ?(?:box|store) size|"
            r"mailfolder is full",
            r"too much mail|storage limit|dis[ck] quota|maildir .{0,20}quota|enough (?:disk|storage) ?space",
            r"mailbox capacity|space has been used|quota violation|user has used up",
            r"recipient'?s? (?:mailbox|message store) (?:is )?(?:almost |near )?full|delivery failed: over quota",
            r"rejecting new mail|full mailbox|mailbox exceeds|receiving mail (?:at a rate|too)",
            r"mailbox for .{0,60} full",
        ),
    ),
    (
        Reason.TOO_BIG,
        any_of(
            r"(?:message|mail|data|e-?mail|size) .{0,40}(?:too (?:big|large)|exceed\w* .{0,40}(?:size|limit|max))",
            r"max(?:imum)? (?:message )?size|size limit|message length|larger than|exceeds? .{0,20}size",
            r"too (?:big|large) (?:a )?(?:message|mail)",
        ),
    ),
    (
        Reason.RELAY,
        any_of(
            (
                r"relay(?:ing)? (?:access |is |mail |to <?\S+>? )?(?:not (?:permitted|allowed)|denied|prohibited|"
                r"disallowed)"
            ),
            r"unable to relay|(?:no|not|we do not|cannot|must not|can not|don'?t) relay",
            r"relaying (?:mail )?(?:to|denied)|not (?:an? )?(?:open )?relay(?:ing)?|isn'?t in my list of allowed",
            r"insecure mail relay|not a gateway|domain isn'?t allowed to be relayed|send to a non-local",
            r"is not permitted to relay",
        ),
    ),
    (
        Reason.VIRUS,
        any_of(
            r"virus|malware|infected|trojan|worm\b|security policies - mc\w+|dangerous attachment|executable content",
        ),
    ),
    (
        Reason.AUTHENTICATION,
        any_of(
            r"dmarc|\bdkim\b|\bspf\b|spf record|sender policy framework|unauthenticated (?:e-?mail|mail|message)",
            r"sender id .{0,20}(?:fail|reject)|not allowed to send (?:mail )?(?:from|for)|per it'?s spf",
            r"(?:authentication|authenticated).{0,30}(?:check|result|domain|fail).{0,60}(?:sender|from)",
        ),
    ),
    (
        Reason.BLOCKED,
        any_of(
            r"\brdns\b|reverse (?:dns|lookup|hostname|domain)|\bptr\b|cannot find your (?:hostname|reverse)",
            r"client host .{0,40}(?:rejected|blocked)|cannot resolve (?:your|sender) (?:ip|address|host)",
            r"(?:ip|host|server|client|connection|hostname|network|from)\b.{0,60}\b(?:black ?list|block ?list|"
            r"blocked)",
            r"black ?listed|block ?listed|listed (?:in|at|on|by) \S*(?:bl|rbl|spam|sbl|xbl|list)|\brbl\b|dnsbl",
            r"spamhaus|spamcop|barracudacentral|sorbs|spamrl|senderscore|uceprotect|invaluement|blocked using",
            r"banned sending ip|open (?:mail )?relay|open proxy|dynamic (?:ip|address|range|pool)|dial-?up|"
            r"residential",
            r"(?:poor|bad|low) (?:reputation|score)|reputation (?:is|of|score|filter)|ip reputation",
            r"unverifiable sending|unexpected volume|user complaints|please use the smtp server of your isp",
            r"connections? from your|access (?:from|for) (?:ip|host|your).{0,60}(?:denied|refused|forbidden)",
            r"no access from mail server|too many (?:spam|bad)",
            r"your (?:ip|host|mail ?server|network|domain|isp).{0,80}(?:block|reject|refus|banned|denied)",
            r"mismatches client ip|does not match (?:the )?(?:ip|hostname)",
            r"helo .{0,40}(?:reject|invalid|refused|denied)",
            r"connection (?:dropped|refused|rejected|denied) (?:by|due to|for) (?:policy|security|spam|reputation)",
            r"access denied.{0,20}(?:banned|blocked|ip)|invalid (?:ptr|rdns|hostname)|rejected because of the ip",
            r"connect(?:ion)? (?:from|to) .{0,60} (?:rejected|denied by)|server access .{0,60}forbidden|"
            r"bad reputation",
            r"may not be mail exchanger|email is redundant|e-mail is redundant|aup#\w*(?:rbl|bl)",
            r"too many connections? from bad|(?:mail|message)s? from .{0,80}(?:temporarily )?(?:deferred|blocked)",
            r"sending ip|grey ?list|greylist|hinet|\bmail server .{0,40}not allowed",
            r"reject(?:ed|ing) .{0,20}(?:by|due to) .{0,20}(?:rbl|black)",
        ),
    ),
    (
        Reason.SPAM,
        any_of(
            (
                r"(?:is|as|be|was|been|for|to be|like|contains?|considered|classified|identified|detected|appears|"
                r"probably)\s(?:likely |an? |probable |possible |unsolicited |suspected )*\bspam"
            ),
            r"spam(?:my)? (?:message|mail|content|detect|filter|score|reject|block|level|check|signature|policy)",
            r"unsolicited|message content rejected|blacklisted url|spamassassin|junk ?mail|looks like spam|bulk mail",
            r"rejected .{0,20}(?:as|by|because of|due to).{0,20}spam|anti-?spam|high (?:spam )?probability",
            r"content .{0,20}(?:filter|reject|restriction)|appears to be bulk|uribl|surbl|迷惑メール",
        ),
    ),
    (
        Reason.POLICY,
        any_of(
            r"(?:for|due to|violat\w*|by|of|against|local|our|site|security|administrative|mail|"
            r"delivery) .{0,20}polic",
            r"policy (?:reason|violation|reject|restriction)|message not allowed|host network not allowed|"
            r"header error",
            r"prohibited (?:by|content|file)|attachment .{0,40}(?:not allowed|prohibited|blocked)",
            r"not accepted for policy|denied by policy|blocked by administrator",
        ),
    ),
    (
        Reason.TOO_MANY,
        any_of(
            r"too many (?:connections|recipients|messages|concurrent|sessions|mails|e-?mails|errors from)",
            r"rate (?:limit|limited|exceed)",
            r"(?:connection|sending|message|delivery) (?:rate|limit|frequency) .{0,20}exceed|throttl",
            r"try again later, .{0,20}too|too (?:fast|frequent|much) |exceeded .{0,30}(?:connections|rate|"
            r"recipients)",
        ),
    ),
    (
        Reason.SYNTAX,
        any_of(
            r"improper sequence|protocol violation|bad sequence|syntax error(?! in (?:mailbox|recipient))",
            r"malformed address|command (?:not recognized|unrecognized)",
        ),
    ),
    (
        Reason.CONTENT,
        any_of(
            r"8-bit data|8bit|headers? (?:too large|malformed|are not)|media error|mime (?:error|format|structure)",
            r"multiple (?:\d{3} [\d.]+ )?addresses in from|(?:rfc ?5322|rfc ?2822|rfc ?822|rfc ?5321|rfc compliant)",
            r"missing (?:message-id|from|date|subject|header)",
            r"(?:from|message-id|header) (?:header )?(?:is |field )?missing|too many (?:headers|attachments|mime)",
            r"improper use|invalid (?:header|mime|character)|bare lf|line too long|conversion .{0,20}(?:failed|not)",
            r"not accept .{0,20}(?:html|attachment)|duplicate headers",
        ),
    ),
    (
        Reason.SECURITY,
        any_of(
            r"authentication (?:required|failed|is required|turned on)|smtp auth|must (?:first )?authenticate|"
            r"starttls",
            r"(?:tls|ssl|encryption) (?:is )?(?:required|needed|negotiation|error|fail)|certificate|"
            r"turn on smtp auth",
            r"not authori[sz]ed|authrequired|permission denied to (?:send|post)",
            r"access denied.{0,20}\(delivery attempts|(?:email address is not verified|sandbox|not verified)",
            r"unauthori[sz]ed",
        ),
    ),
    (
        Reason.SENDER,
        any_of(
            (
                r"(?:sender|from|mail from|return(?:-| )path|envelope-from)\b(?! smtp).{0,50}(?:address )?(?:reject|"
                r"denied|refused|unroutable|invalid|not (?:exist|found|valid|verif\w+|accepted|permitted)|"
                r"verif\w+ fail)"
            ),
            r"domain of sender|unroutable sender|(?:invalid|bad|unresolvable|unknown|untrusted|null) sender",
            r"sender verif|sender(?:'s)? (?:domain|address|host)|does not exist in dns|callout verification",
            r"not your domain|does ?n[o']t accept (?:mail|bounces|message)s? from|<> sender|sender_",
            r"(?:group|gruppe|groupe|grupo|gruppo).{0,200}(?:permission|berechtig|autoris|permis|exist|post)",
            r"google group|you (?:are not|do not|don'?t) (?:allowed|have permission|authorized) to (?:send|post)",
            r"only members|not a member|your (?:message|mail|e-?mail) .{0,20}was (?:rejected|refused)|access denied",
            r"address .{0,40}not (?:allowed|permitted)",
        ),
    ),
    (
        Reason.DISABLED,
        any_of(
            (
                r"(?:account|mailbox|user|recipient|address)\b.{0,60}(?:disabled|inactive|suspend|deactivat|"
                r"not active|locked|blocked|discontinued|expired|temporarily unavailable|closed|frozen)"
            ),
            r"(?:disabled|inactive|suspended|deactivated) (?:user|account|mailbox|recipient|e-?mail)",
            r"compte .{0,40}bloqu|(?:has been|is|been) (?:disabled|suspended|deactivated)|"
            r"mailbox currently suspended",
            r"konto .{0,40}(?:gesperrt|inaktiv)",
            r"not (?:currently )?accepting (?:mail|messages) .{0,40}(?:disabled|inactive)|"
            r"does not respond .{0,20}days",
        ),
    ),
    (
        Reason.MOVED,
        any_of(
            r"(?:has|have|was) (?:been )?moved|moved to|has been replaced|please (?:use|"
            r"try) (?:the )?(?:new )?address",
            r"new (?:e-?mail )?address|address (?:has )?(?:been )?(?:changed|replaced)|not local; please try",
            r"recipient .{0,20}moved",
        ),
    ),
    (
        Reason.NO_MAIL_HERE,
        any_of(
            r"does not accept (?:any )?(?:mail|e-?mail)(?! from)|not accept(?:ing)? (?:any )?network messages|"
            r"null ?mx",
            r"no mx",
            (
                r"(?:host|domain|server|system).{0,30} (?:does not|doesn'?t|not) accept(?:ing)? (?:any )?(?:mail|"
                r"e-?mail|messages)"
            ),
            r"couldn'?t find a mail exchanger|could(?: not|n'?t) find .{0,20}mx",
            r"mail exchanger .{0,20}(?:not found|missing)|smtp protocol returned a permanent error",
            r"is not a mail server|no mail (?:service|server) here",
        ),
    ),
    (
        Reason.EXPIRED,
        any_of(
            r"retry (?:timeout|time|period|limit)",
            (
                r"(?:delivery|message|envelope|queue|time|retry|period|lifetime)\s?(?:time)?\s?(?:has |limit |"
                r"period )?(?:expired|exceeded|has expired)"
            ),
            r"(?:gave|given|giving) up (?:trying|after)|message expired",
            r"(?:could|can) ?not be delivered (?:for|within|in|after) (?:more than )?\d+|multiple retries",
            r"failing for a long time|unable to deliver (?:this |in|after|within|message after)",
            r"not (?:been )?delivered (?:for|after|within)|too many (?:failed )?(?:attempts|retries)",
            r"max(?:imum)? (?:retry|retries|attempts|queue)|delivery time ?out",
            r"(?:host|server) (?:not reachable|is not responding|did not (?:accept|respond))",
            r"not accept our requests to connect|delivery (?:attempts? )?(?:has )?(?:been )?(?:failing|delayed)",
            r"will (?:be )?(?:keep |continue )?(?:re)?(?:try|tried)|has not (?:yet )?been (?:delivered|collected)",
            r"connection timed out|timed? ?out",
        ),
    ),
    (
        Reason.NO_HOST,
        any_of(
            r"host (?:or domain name )?(?:is )?(?:unknown|not found)(?!, try)",
            r"(?:unknown|no such|bad|invalid|illegal) (?:host|domain)",
            (
                r"(?:host|domain|name service).{0,60}(?:not found(?!, try)|does not exist|nxdomain|"
                r"non-?existent)(?!.{0,3}try again)"
            ),
            r"no such domain|look-?ups? failed permanently|domain must exist",
            r"unrout(?:e)?able (?:mail )?(?:address|domain)|couldn'?t find any host|name or service not known",
            r"domain .{0,60}reachable|no (?:mail )?route to (?:domain|host name)",
            r"domain (?:name )?(?:is )?(?:invalid|unknown|syntax)|all relevant mx records point to non-existent",
            r"cannot find (?:the )?(?:host|domain)|unknown mail server|recipient address rejected: domain",
            r"domain must resolve|badly formed domain|no dns (?:a|mx)",
        ),
    ),
    (
        Reason.NETWORK,
        any_of(
            r"connection (?:refused|reset|lost|closed|dropped|broken|was)|lost connection|no route to host",
            r"network (?:is |error|unreach)|points? (?:back )?to local ?host|too many hops",
            r"(?:mail|routing|forwarding)? ?loop|hop count|unable to (?:connect|contact|establish)|conversation with",
            r"name (?:service|server) (?:error|timeout)|host not found, try again|dns (?:error|lookup|server|fail)",
            r"socket error",
            r"(?:can'?t|cannot|could ?n[o']t|wasn'?t able to|unable to) (?:connect|contact|reach|establish)",
            r"temporary (?:dns|failure in name)|remote (?:host|server) .{0,30}(?:not respond|unavailable|down)",
            r"failed to connect|server (?:unreachable|unavailable)",
        ),
    ),
    (
        Reason.NO_USER,
        any_of(
            (
                r"(?:user|recipient|mailbox|address|account|customer|addressee|person|name|alias|login|"
                r"local part)s?\b[^.;]{0,80}(?:unknown|(?:does|did|do)(?:es)? ?n[o']t exist|not exist|not found|"
                r"not (?:be )?(?:known|recogni[sz]ed|listed|valid)|nonexist|non-exist|no longer|is invalid|invalid|"
                r"couldn'?t be found|not here|not our|cannot be found)"
            ),
            (
                r"(?:unknown|no such|invalid|bad|non-?existent|illegal|wrong|incorrect|undeliverable) (?:local |"
                r"destination |destinataire |virtual )?(?:user|recipient|mailbox|address|account|rcpt|name|person|"
                r"alias|destination|e-?mail|local|part|addressee|receiver)"
            ),
            (
                r"no (?:mailbox|user|account|such|valid recipient|recipient|matching)\b.{0,40}(?:here|by that name|"
                r"name|exist|found|mailbox|account)?"
            ),
            r"(?:does|do)(?:es)? ?n[o']t have an? .{0,60}account|not have (?:an? )?account",
            r"not a (?:valid|known|registered) (?:user|mailbox|recipient|address)|user unknown|unknown user",
            r"recip(?:ient)?notfound|nosuchuser|adresse .{0,30}(?:invalide|inconnu)|destinataire .{0,30}inconnu",
            (
                r"(?:empf[aä]nger|benutzer|postfach|adresse|mailbox).{0,40}(?:unbekannt|existiert nicht|"
                r"nicht (?:gefunden|bekannt|vorhanden|verf[uü]gbar))"
            ),
            r"ディレクトリのリストにありません|(?:宛先|ユーザ|メールアドレス|アドレス).{0,90}(?:存在しません|"
            r"見つかりません|不明|存在しない)",
            r"usuario .{0,30}(?:desconocido|no existe)|address does not exist|mailbox unavailable",
            r"delivery .{0,20}to .{0,40}not (?:allowed|possible)|badrcptto|validrcptto|no one at this address",
            r"no mail ?box|not listed in|dosn't exist|(?:mailbox|address) syntax|^(?:smtp; )?5\d\d \S+@\S+ rejected",
            r"can'?t accept user|recipient (?:is )?not (?:ok|accepted)|utente sconosciuto|nessun utente",
            r"not a local (?:user|mailbox|address)|mailbox_not_found",
        ),
    ),
    (
        Reason.FILTERED,
        any_of(
            r"recipient .{0,30}(?:refuse|filter|reject|not accept)|rejected by a remote mail server|filtered",
            r"user (?:refus|reject)|refuses? to (?:accept|receive)|only accepting mail from|user not reachable",
            r"due to (?:extended inactivity|recipient'?s (?:setting|filter))",
            r"message (?:was )?(?:blocked|rejected) by (?:user|recipient)",
        ),
    ),
    (
        Reason.EXPIRED,
        any_of(
            r"in the queue too long",
        ),
    ),
    (
        Reason.SYSTEM,
        any_of(
            (
                r"(?:local|system|internal|configuration|server|mailer|i/o|temporary|disk|resource|unexpected|"
                r"software) (?:system )?(?:error|failure|problem|fault)"
            ),
            r"service (?:currently |temporarily |is )?(?:unavailable|refuse)|no space left|insufficient disk space",
            r"insufficient system|can'?t (?:create|open)|out of memory|command (?:died|failed|line)|pipe to",
            r"failed to read|not delivered because|this message could not be delivered due to|lmtp (?:server )?error",
            r"return ?code|exit (?:status|code)",
        ),
    ),
)
