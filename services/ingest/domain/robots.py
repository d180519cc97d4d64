"""Who speaks: a person or a machine, and for which reason nothing automatic may answer (RFC 3834).

Two questions, two tables. *May an automatic mail go back?* — `automatic`. *Does it speak for a
person at all?* — `machine`: what does not is set aside with the reason, never dropped.
"""

import re
from collections.abc import Callable

from services.ingest.domain.addresses import AddressList
from services.ingest.domain.message import Mail
from services.ingest.domain.phrases import Phrases, fold, folded
from shared.facts.words import Authentication

_ROBOT_LOCALS = {
    *("noreply", "no-reply", "no_reply", "nepasrepondre", "ne-pas-repondre", "ne_pas_repondre"),
    *("donotreply", "do-not-reply", "do_not_reply", "mailer-daemon", "mailerdaemon", "postmaster"),
    *("notification", "notifications", "notify", "bounce", "bounces", "listserv", "majordomo"),
    *("root", "daemon", "www-data", "nobody", "automate", "robot"),
}
_ROBOT_PREFIXES = ("noreply", "no-reply", "no_reply", "nepasrepondre", "ne-pas-repondre", "bounce")

_OUT_OF_OFFICE = tuple(
    fold(phrase).rstrip()
    for phrase in (
        "réponse automatique",
        "réponse auto",
        "message automatique",
        "message d'absence",
        "absence du bureau",
        "absent du bureau",
        "absente du bureau",
        "notification d'absence",
        "auto reply",
        "autoreply",
        "automatic reply",
        "auto response",
        "autoresponse",
        "out of office",
        "out of the office",
        "automatische antwort",
        "abwesenheitsnotiz",
    )
)
"""How the subject of an automatic answer begins."""

_ELECTRONIC_LETTER = Phrases(
    (
        "lettre recommandée électronique",
        "recommandé électronique",
        "lettre recommandée en ligne",
        "LRE",
        "e-lettre",
    )
)
"""A registered e-letter's notice speaks for whoever sent the letter (DOMAIN §10.7)."""

_LETTER_TYPES = ("application/pdf", "image/tiff")
_SUBJECT_HEAD = 40


def automatic(mail: Mail, authentication: Authentication) -> str | None:
    """The code of the reason for which nothing automatic may answer this mail, else `None`.

    A missing DMARC result is no reason (DOMAIN §10.9). Our own domains are a kind of sender, not a
    reason of RFC 3834.
    """
    for code, holds in _SILENT:
        if holds(mail):
            return code
    return "dmarc-failed" if authentication is Authentication.FAIL else None


def machine(mail: Mail, newsletters: AddressList) -> str | None:
    """The code of the reason to set this mail aside as no person's, else `None`.

    Asked after bounces, forms and spam. A machine that carries a letter, or a relay whose Reply-To
    names a person, does speak for one.
    """
    if mail.sender.address in newsletters:
        return "newsletter"
    return next((code for code, holds in _NO_PERSON if holds(mail)), None)


def _submitted(mail: Mail) -> str:
    """What Auto-Submitted says, without its parameters; `no` says nothing."""
    value = mail.first("auto-submitted").partition(";")[0].strip()
    return "" if value == "no" else value


def _listed(mail: Mail) -> bool:
    return mail.has("list-id") or mail.has("list-unsubscribe") or mail.has("list-post")


def _bulk(mail: Mail) -> bool:
    return mail.first("precedence") in {"bulk", "list", "junk"}


def _answers_by_itself(mail: Mail) -> bool:
    named = any(mail.has(name) for name in ("x-autoreply", "x-autorespond", "x-autoresponse"))
    return named or mail.first("precedence") == "auto_reply" or out_of_office(mail)


def _asks_for_silence(mail: Mail) -> bool:
    return bool(re.search(r"\b(all|autoreply|oof)\b", mail.first("x-auto-response-suppress")))


def _nobody_reads(mail: Mail) -> bool:
    if is_robot_address(mail.sender.local):
        return True
    return bool(mail.reply_to) and all(is_robot_address(one.local) for one in mail.reply_to)


def _runs_by_itself(mail: Mail) -> bool:
    made = (
        bool(_submitted(mail))
        or bool(mail.report_type)
        or _null_return_path(mail)
        or is_robot_address(mail.sender.local)
    )
    return made and not carries_a_letter(mail) and not _relays(mail)


def _relays(mail: Mail) -> bool:
    """A site's contact form that no table knows: the robot names the person in Reply-To."""
    return any(
        one.address and one.address != mail.sender.address and not is_robot_address(one.local)
        for one in mail.reply_to
    )


def carries_a_letter(mail: Mail) -> bool:
    """A copier's, fax's or e-letter's notice: pages attached, or the letter in the subject."""
    pages = any(
        attachment.media_type in _LETTER_TYPES
        or attachment.name.lower().endswith((".pdf", ".tif", ".tiff"))
        for attachment in mail.attachments
    )
    return pages or _ELECTRONIC_LETTER.hit(folded(mail.subject)) is not None


def read_receipt(mail: Mail) -> bool:
    """« Lu : … »: a disposition notification (RFC 8098)."""
    if mail.report_type == "disposition-notification":
        return True
    return any(leaf.media_type == "message/disposition-notification" for leaf in mail.machine)


def out_of_office(mail: Mail) -> bool:
    """Whether the subject begins as automatic answers do, in French, English or German."""
    head = fold(mail.subject[:_SUBJECT_HEAD])
    return any(head.startswith(f"{phrase} ") for phrase in _OUT_OF_OFFICE)


def is_robot_address(local: str) -> bool:
    """Whether nobody reads answers at `local@…`."""
    bare = local.partition("+")[0]
    return bare in _ROBOT_LOCALS or bare.startswith(_ROBOT_PREFIXES)


def _null_return_path(mail: Mail) -> bool:
    return mail.has("return-path") and mail.first("return-path").replace(" ", "") in {"<>", ""}


_SILENT: tuple[tuple[str, Callable[[Mail], bool]], ...] = (
    ("auto-submitted", lambda mail: bool(_submitted(mail))),
    ("report", lambda mail: bool(mail.report_type)),
    ("null-return-path", _null_return_path),
    ("bulk", _bulk),
    ("list", _listed),
    ("auto-reply", _answers_by_itself),
    ("auto-response-suppress", _asks_for_silence),
    ("no-sender", lambda mail: not mail.sender.address),
    ("no-reply", _nobody_reads),
)
"""Why nothing automatic goes back, in the order in which the reason is named."""

_NO_PERSON: tuple[tuple[str, Callable[[Mail], bool]], ...] = (
    ("read-receipt", read_receipt),
    ("auto-reply", lambda mail: _submitted(mail) == "auto-replied"),
    ("auto-reply", _answers_by_itself),
    ("newsletter", _listed),
    ("newsletter", _bulk),
    ("robot", _runs_by_itself),
)
"""Why a mail speaks for nobody."""
