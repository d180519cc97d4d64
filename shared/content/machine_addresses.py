"""Local parts that no person reads, by one definition for the door and for the voice.

Services: ingest (robots), notify (loop guard). RFC 2142 and 3834, what French sites use, and the
return paths of bounces (VERP, BATV, SRS).
"""

import re
import unicodedata

_NO_REPLY = re.compile(
    r"""
    (?: ^ | [-_.+=\d] )
    (?: no[-_.]?(?:reply|response) | noreponse | do[-_.]?not[-_.]?(?:reply|respond)
      | dont[-_.]?reply | ne[-_.]?pas[-_.]?repondre | pas[-_.]?de[-_.]?reponse
      | sans[-_.]?reponse | nicht[-_.]?antworten | unmonitored )
    (?: $ | [-_.+=\d] )
    | ^ (?: no[-_]?reply | nepasrepondre | donotreply )
    """,
    re.VERBOSE,
)
"""« no reply » between any separators; these alone also begin a longer word."""

_BOUNCES = re.compile(
    r"""
    (?: ^ | [-_.+=] ) mailer[-_.]?daemon (?: $ | [-_.+=\d] )
    | ^ bounces? (?: $ | [-_.+=\d] )
    | [-_+=] bounces? (?: $ | [-_+=\d] )
    | [.] bounces (?: $ | [-_+=] )
    """,
    re.VERBOSE,
)
"""Where delivery reports come from and go to. `bouncer.club@` is a person's."""

_LISTS = re.compile(r"^owner-.+|.+-(?:request|owner)$|^(?:listserv|majordomo|mailman|sympa)$")
_EXCHANGE = re.compile(r"^microsoftexchange[0-9a-f]{16,}$")
_NAMES = frozenset(
    {
        *("postmaster", "daemon", "mdaemon", "root", "nobody", "www-data", "apache", "cron"),
        *("notification", "notifications", "notify", "automate", "robot", "autoreply"),
        *("auto-reply", "autoresponder", "autorepondeur", "auto-confirm"),
    }
)
_VERP = re.compile(r"[+=._-][^=+]+=[a-z0-9-]+(?:\.[a-z0-9-]+)+$")
"""`lettre-12-claire=orange.fr`: who was written to stands in the local part."""
_SIGNED = re.compile(r"^(?:(?:ms)?prvs\d?|btv1)=|(?:^|\+)srs[01]?[=+-]", re.IGNORECASE)
"""A signature (BATV) or a forwarder's mark (SRS) before what may well be a person's local part."""


def speaks_for_nobody(local: str) -> bool:
    """Whether the email address `local@…` is a machine's by its name (no-reply …), no person's."""
    plain = _folded(local)
    return (
        plain.partition("+")[0] in _NAMES
        or _NO_REPLY.search(plain) is not None
        or _BOUNCES.search(plain) is not None
        or _LISTS.match(plain.partition("+")[0]) is not None
        or _EXCHANGE.match(plain) is not None
    )


def is_mail_server(local: str) -> bool:
    """Whether `local@…` is an address from which mail servers write delivery reports."""
    plain = _folded(local)
    server = plain in {"postmaster", "mdaemon"} or _EXCHANGE.match(plain) is not None
    return server or _BOUNCES.search(plain) is not None


def is_bounce_path(local: str) -> bool:
    """Whether `local@…` is a return path that only collects bounces."""
    plain = _folded(local)
    if _SIGNED.search(plain):
        return speaks_for_nobody(plain.rpartition("=")[2])
    return speaks_for_nobody(plain) or _VERP.search(plain) is not None


def _folded(local: str) -> str:
    plain = local.strip().strip('"').lower()
    if plain.isascii():
        return plain
    plain = unicodedata.normalize("NFKD", plain)
    return "".join(letter for letter in plain if not unicodedata.combining(letter))
