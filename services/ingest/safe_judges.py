"""Judging papers, forms and mails so that a fault of ours costs one quarantine, never a source."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from services.ingest.domain.document import Illegible, ScannedDocument
from services.ingest.domain.fingerprint import of_octets
from services.ingest.domain.judge_form import judge_form, judge_upload, quarantined_deposit
from services.ingest.domain.judge_scan import judge_scan
from services.ingest.domain.judgement import ArrivalJudgement
from services.ingest.domain.observation_judgements import DepartureJudgement
from services.ingest.domain.quarantine import quarantine_judgement, unshown
from services.ingest.domain.rules import JudgeRules
from services.ingest.mail_opener import MailParser
from shared.content.spool import FormDeposit, SpoolFile, UploadDeposit
from shared.errors import TemporaryFailure
from shared.facts.vocabulary import Channel
from shared.platform.observability.logs import Log
from shared.site.tables.mailboxes import ScanFolder

T = TypeVar("T")
NOT_JUDGED = "not-judged"

log = Log("judging")


def judged_scan(
    document: ScannedDocument, folder: ScanFolder, rules: JudgeRules
) -> ArrivalJudgement | DepartureJudgement:
    """Judges a document of a scan folder; a program error puts it into quarantine."""
    unread = replace(document, reading=Illegible(NOT_JUDGED))
    return _or_else(
        document.source,
        lambda: judge_scan(document, folder, rules),
        lambda: judge_scan(unread, folder, rules),
    )


def judged_form(form: FormDeposit, rules: JudgeRules) -> ArrivalJudgement:
    """Judges a deposit of the public form; a program error puts it into quarantine."""
    return _or_else(
        "spool",
        lambda: judge_form(form, rules),
        lambda: quarantined_deposit(form.at, Channel.FORM, str(form.id), NOT_JUDGED, rules),
    )


def judged_upload(
    upload: UploadDeposit, file: SpoolFile, paper: ScannedDocument, rules: JudgeRules
) -> ArrivalJudgement:
    """Judges one document of an uploaded file; a program error puts it into quarantine."""
    at = upload.received_on or upload.at
    return _or_else(
        "spool",
        lambda: judge_upload(upload, file, paper, rules),
        lambda: quarantined_deposit(at, upload.channel, file.sha256, NOT_JUDGED, rules),
    )


def quarantined_mail(
    octets: bytes, reason: str, shown_at: datetime, rules: JudgeRules, mails: MailParser
) -> ArrivalJudgement:
    """Puts an email into quarantine, with its sender and subject where that much can be read.

    Raises TemporaryFailure: no process can be started that parses mails.
    """
    try:
        return quarantine_judgement(octets, mails.unread(octets, reason), shown_at, rules)
    except TemporaryFailure:
        raise
    except Exception as error:  # noqa: BLE001  (whatever made it unreadable may do so again)
        log.error("mail_not_shown", error=type(error).__name__, octets=of_octets(octets))  # noqa: TRY400  (no trace: it would show values)
        return unshown(octets, reason, shown_at)


def _or_else(source: str, judge: Callable[[], T], quarantine: Callable[[], T]) -> T:
    try:
        return judge()
    except Exception as error:  # noqa: BLE001  (one document must not stop a source)
        # Without a trace: what an exception says may quote the letter.
        log.error("not_judged", source=source, error=type(error).__name__)  # noqa: TRY400  (no trace: it would show values)
        return quarantine()
