"""Where the parts of notify meet: ears, workers, what time wakes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.notify.clock_handler import hears_clocks
from services.notify.digest_mails import write_page
from services.notify.fact_memory import REMEMBERS
from services.notify.handlers import hears_arrivals, hears_items, hears_quality
from services.notify.lanes import ORDINARY, URGENT
from services.notify.ledger_decisions import LedgerDecision
from services.notify.mail_composition import MailSigning, ReadyMail
from services.notify.mailer import SmtpMailer
from services.notify.metrics import NotifyMetrics
from services.notify.notice_writer import case_of, write_mail
from services.notify.person_changes import write_change
from services.notify.prober import Prober
from services.notify.root_mails import write_roots
from services.notify.sender import Sender, SenderDeps, Write
from services.notify.settings import NotifySettings
from services.notify.store import SCHEMA
from services.notify.store.ledger import LedgerRow
from services.notify.waker import EACH_SECONDS, Waker
from shared.content.blobs import LocalBlobs
from shared.facts.arrivals import ARRIVALS
from shared.facts.clocks import CLOCKS
from shared.facts.envelope import Topic
from shared.facts.items import ITEMS
from shared.facts.quality import QUALITY
from shared.facts.vocabulary import NoticeKind
from shared.platform.database import Connection
from shared.platform.jobs import Job, every
from shared.platform.messaging.subscription import Subscription
from shared.platform.observability.health import State, Unwell, Well
from shared.platform.process import Parts, ServiceCommand, ServiceContext
from shared.site.applied_rules import AppliedRules, applied_rules

ANSWER_KEPT = 5.0
"""How long writing down the answer of the mail in hand may take at the end, in seconds."""


def create_app(settings: NotifySettings) -> ServiceCommand:
    """Builds the process `notify run`, not running yet."""

    async def assemble(ground: ServiceContext) -> Parts:
        rules = await applied_rules(ground.pool)
        ink = MailSigning(
            LocalBlobs(settings.blobs),
            settings.secret.get_secret_value().encode(),
            settings.code_keys,
        )
        voice = NotifyMetrics(ground.telemetry.registry, ground.pool, ground.clock, rules)
        ground.telemetry.on_scrape(voice.scrape)
        desk = SenderDeps(
            pool=ground.pool,
            url=settings.database_url,
            clock=ground.clock,
            rules=rules,
            ink=ink,
            write=writes(rules),
            voice=voice,
            stopping=ground.stopping,
        )
        senders = [Sender(desk, SmtpMailer(settings.smtp), lane) for lane in (URGENT, ORDINARY)]
        waker = Waker(ground.pool, ground.clock, rules, ink)

        tasks: dict[str, Job] = {
            "urgent sender": senders[0].run,
            "sender": senders[1].run,
            "waker": every(EACH_SECONDS, waker.round, ground.stopping, ground.clock),
            "rules": lambda: rules.follow(settings.database_url),
        }
        if settings.probe_every is not None:
            prober = Prober(
                ground.pool,
                ground.clock,
                rules,
                SmtpMailer(settings.smtp),
                ink.secret,
                settings.probe_every,
            )
            tasks["prober"] = prober.job(ground.stopping)

        async def smtp() -> State:
            states = [await sender.health() for sender in senders]
            return next((state for state in states if isinstance(state, Unwell)), Well())

        async def site() -> Well:
            return Well(rules.said())

        # RFC 5321: what was said after DATA has an answer, or nobody knows whether the mail left.
        answer = settings.smtp_timeout.total_seconds() + ANSWER_KEPT
        return Parts(
            ears=ears(rules),
            remembers=REMEMBERS,
            tasks=tasks,
            longer=dict.fromkeys(("urgent sender", "sender", "prober"), answer),
            checks={"smtp": smtp, "site": site},
        )

    return ServiceCommand(SCHEMA, SCHEMA, settings, assemble)


def ears(rules: AppliedRules) -> Sequence[Subscription[Any]]:
    """The subscriptions of notify: one for each topic that it consumes."""
    return (
        Subscription(Topic.ITEMS, ITEMS.validate_json, hears_items(rules)),
        Subscription(Topic.CLOCKS, CLOCKS.validate_json, hears_clocks()),
        Subscription(Topic.ARRIVALS, ARRIVALS.validate_json, hears_arrivals()),
        Subscription(Topic.QUALITY, QUALITY.validate_json, hears_quality()),
    )


def writes(rules: AppliedRules) -> Write:
    """The function that makes a mail from a due row of the ledger."""

    async def write(
        connection: Connection, row: LedgerRow, ink: MailSigning, now: datetime
    ) -> ReadyMail | LedgerDecision:
        if row.entry.kind is NoticeKind.PERSON_CHANGED:
            return await write_change(connection, row, rules.applied, ink, now)
        if row.entry.kind is NoticeKind.ROOTS:
            return await write_roots(connection, row, rules.applied, ink, now)
        if row.item_id is None:
            return await write_page(connection, row, rules.applied, ink, now)
        case = await case_of(connection, row, rules.applied, now)
        return case if isinstance(case, LedgerDecision) else await write_mail(connection, case, ink)

    return write
