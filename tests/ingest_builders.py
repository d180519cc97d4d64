"""Mails as octets, and the example préfecture's rules, for the tests of ingest."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from services.ingest.domain.full_mail import read_whole
from services.ingest.domain.judge_mail import MailboxPlace, judge
from services.ingest.domain.judgement import ArrivalJudgement, Judgement
from services.ingest.domain.observation_judgements import BounceJudgement, ReplyJudgement
from services.ingest.domain.rules import JudgeRules, rules
from shared.content.site_keys import SiteKeys
from shared.facts.arrivals import Quarantine, SetAside
from shared.facts.envelope import ServiceId
from shared.site.load import load_folder
from shared.site.tables.bundle import Site

SECRET = SiteKeys(b"a secret of tests")
INDRE = Path(__file__).parents[1] / "deploy" / "site" / "indre"
RECEIVED = datetime(2026, 5, 11, 8, 0, tzinfo=UTC)
INTERNAL = datetime(2026, 5, 11, 8, 0, 5, tzinfo=UTC)
TRACE = (
    "Received: from relais.example by mx.indre.example with ESMTPS; "
    "Mon, 11 May 2026 10:00:00 +0200\r\n"
    "Authentication-Results: mx.indre.example; dmarc={dmarc} header.from=x\r\n"
)


@cache
def indre() -> Site:
    return load_folder(INDRE)


@cache
def indre_rules() -> JudgeRules:
    return rules(indre(), SECRET)


def a_mail(
    text: str = "Bonjour, où en est mon titre de séjour ?",
    *,
    sender: str = "Renée Dupont <renee.dupont@orange.example>",
    to: str = "pref-bmi@indre.example",
    subject: str = "Titre de séjour",
    date: str | None = "Mon, 11 May 2026 09:59:00 +0200",
    message_id: str | None = "<un@orange.example>",
    headers: Mapping[str, str] | None = None,
    content_type: str = "text/plain; charset=utf-8",
    dmarc: str | None = "pass",
    above: str = "",
) -> bytes:
    """A mail that a person wrote, as our server delivered it."""
    fields = {
        "From": sender,
        "To": to,
        "Subject": subject,
        "Date": date,
        "Message-ID": message_id,
        "MIME-Version": "1.0",
        "Content-Type": content_type,
        **(headers or {}),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value is not None)
    trace = TRACE.format(dmarc=dmarc) if dmarc is not None else ""
    return f"{above}{trace}{head}\r\n{text}".replace("\r\n", "\n").replace("\n", "\r\n").encode()


def a_multipart(*parts: str, kind: str = "mixed", **fields: object) -> bytes:
    """A mail of several parts, each given with its own header."""
    body = "".join(f"--limite\r\n{part}\r\n" for part in parts) + "--limite--\r\n"
    return a_mail(body, content_type=f"multipart/{kind}; boundary=limite", **fields)  # type: ignore[arg-type]  # unpacked, each of its own type


A_PDF = (
    "Content-Type: application/pdf; name=courrier.pdf\r\n"
    "Content-Disposition: attachment; filename=courrier.pdf\r\n"
    "Content-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjQKJSVFT0YK"
)


def told(
    octets: bytes, mailbox: str = "pref-bmi", *, bounces: bool = False
) -> tuple[Judgement, ...]:
    """What is told of these octets in a mailbox of the example préfecture."""
    service = mailbox.removeprefix("pref-") if mailbox.startswith("pref-") else None
    place = MailboxPlace(mailbox, ServiceId(service) if service else None, bounces=bounces)
    return judge(octets, read_whole(octets), place, INTERNAL, indre_rules())


def judged(octets: bytes, mailbox: str = "pref-bmi") -> ArrivalJudgement:
    """The one arrival told of these octets."""
    first = told(octets, mailbox)[0]
    assert isinstance(first, ArrivalJudgement)
    return first


def bounced(octets: bytes, mailbox: str = "retour", *, bounces: bool = True) -> BounceJudgement:
    """The one bounce told of these octets."""
    (only,) = told(octets, mailbox, bounces=bounces)
    assert isinstance(only, BounceJudgement)
    return only


def replies(octets: bytes, mailbox: str = "pref-bmi") -> list[ReplyJudgement]:
    """The replies of ours that are told beside the arrival."""
    return [
        judgement for judgement in told(octets, mailbox) if isinstance(judgement, ReplyJudgement)
    ]


def reason(octets: bytes, mailbox: str = "pref-bmi") -> str:
    """`enter`, `probe`, or the reason for which it was set aside or quarantined."""
    verdict = judged(octets, mailbox).verdict
    return verdict.reason if isinstance(verdict, SetAside | Quarantine) else verdict.kind
