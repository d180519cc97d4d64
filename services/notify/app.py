"""Where the parts of notify meet: handlers, workers, what time wakes."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime

from faststream.kafka import KafkaRouter

from services.notify.bounces import hears_arrivals
from services.notify.clock_handler import hears_clocks
from services.notify.committee_mails import write_meeting
from services.notify.digest_mails import write_page
from services.notify.exercise_mails import write_exercise
from services.notify.fact_memory import REMEMBERS
from services.notify.handlers import hears_items
from services.notify.lanes import ORDINARY, URGENT
from services.notify.mail_batch import Write, WritePage, WrittenNotice, write_batch
from services.notify.mail_composition import MailSigning
from services.notify.mailer import SmtpMailer
from services.notify.metrics import NotifyMetrics
from services.notify.person_changes import write_change
from services.notify.prober import Prober
from services.notify.quality_handler import hears_quality
from services.notify.root_mails import write_roots
from services.notify.sender import Sender
from services.notify.sender_session import SenderDeps
from services.notify.settings import NotifySettings
from services.notify.store import SCHEMA
from services.notify.store.ledger import LedgerRow
from services.notify.survey_invitations import write_invitation
from services.notify.waker import EACH_SECONDS, Waker
from shared.content import encryption_metric
from shared.facts.arrivals import ARRIVALS, Arrivals
from shared.facts.clocks import CLOCKS, ClocksTopic
from shared.facts.envelope import Topic
from shared.facts.items import ITEMS, Items
from shared.facts.quality import QUALITY, Quality
from shared.facts.vocabulary import NoticeKind
from shared.platform.database import Connection
from shared.platform.jobs import Job, every
from shared.platform.messaging.consumer_group import ConsumerGroup, Now, Rejected, Transaction
from shared.platform.observability.health import State, Unwell, Well
from shared.platform.service_life import Parts, ServiceCommand, ServiceContext
from shared.site.applied_rules import AppliedRules, applied_rules

ABOUT_NO_ITEM: Mapping[NoticeKind, WritePage] = {
    NoticeKind.PERSON_CHANGED: write_change,
    NoticeKind.EXERCISE: write_exercise,
    NoticeKind.SURVEY: write_invitation,
    NoticeKind.MEETING: write_meeting,
    NoticeKind.ROOTS: write_roots,
}
"""What writes the mails of kinds that are about no item; of any other, a page to one of ours."""
ANSWER_KEPT = 5.0
"""How long writing down the answer of the mail in hand may take at the end, in seconds."""


def create_app(settings: NotifySettings) -> ServiceCommand:
    """Builds the process `notify run`, which writes and sends notices; not running yet."""

    async def assemble(ground: ServiceContext) -> Parts:
        rules = await applied_rules(ground.pool)
        ink = MailSigning(
            settings.originals,
            settings.site_keys,
            settings.code_keys,
            settings.portal_url,
        )
        voice = NotifyMetrics(ground.telemetry.registry, ground.glances, ground.clock, rules)
        ground.telemetry.on_scrape(voice.scrape)
        desk = SenderDeps(
            pool=ground.pool,
            url=settings.database_url,
            clock=ground.clock,
            rules=rules,
            ink=ink,
            originals=settings.originals,
            write=writes(rules),
            voice=voice,
            stopping=ground.stopping,
        )
        lanes = {"urgent sender": URGENT, "sender": ORDINARY}
        lanes |= {f"sender {n}": ORDINARY for n in range(2, settings.smtp_connections + 1)}
        senders = {
            name: Sender(desk, SmtpMailer(settings.smtp), lane) for name, lane in lanes.items()
        }
        waker = Waker(ground.pool, ground.clock, rules, ink)

        tasks: dict[str, Job] = {
            **{name: sender.run for name, sender in senders.items()},
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
            states = [await sender.health() for sender in senders.values()]
            return next((state for state in states if isinstance(state, Unwell)), Well())

        async def site() -> Well:
            return Well(rules.health_detail())

        # RFC 5321: what was said after DATA has an answer, or nobody knows whether the mail left.
        answer = settings.smtp_timeout.total_seconds() + ANSWER_KEPT
        return Parts(
            router=create_router(ground.group, rules),
            remembers=REMEMBERS,
            tasks=tasks,
            longer=dict.fromkeys((*senders, "prober"), answer),
            checks={
                "smtp": smtp,
                "site": site,
                **settings.token_checks,
                **settings.bucket_checks,
                "encryption": encryption_metric.key_check(
                    ground.telemetry.registry, settings.keys.current
                ),
            },
        )

    return ServiceCommand(SCHEMA, SCHEMA, settings, assemble)


def create_router(group: ConsumerGroup, rules: AppliedRules) -> KafkaRouter:
    """Builds the FastStream router of notify, with one handler for each Kafka topic."""
    router = KafkaRouter()
    take_items, take_clocks = hears_items(rules), hears_clocks()
    take_arrivals, take_quality = hears_arrivals(), hears_quality(rules)

    @router.subscriber("items", **group.takes(Topic.ITEMS, ITEMS.validate_json))
    async def hear_items(facts: list[Items], connection: Transaction, now: Now) -> Rejected[Items]:
        """Plans, holds or drops what each item calls for, once for each occasion."""
        return await take_items(connection, facts, now)

    @router.subscriber("clocks", **group.takes(Topic.CLOCKS, CLOCKS.validate_json))
    async def hear_clocks(
        facts: list[ClocksTopic], connection: Transaction, now: Now
    ) -> Rejected[ClocksTopic]:
        """Keeps rungs for the digests of those who are to hear them."""
        return await take_clocks(connection, facts, now)

    @router.subscriber("arrivals", **group.takes(Topic.ARRIVALS, ARRIVALS.validate_json))
    async def hear_arrivals(
        facts: list[Arrivals], connection: Transaction, now: Now
    ) -> Rejected[Arrivals]:
        """Acts on bounces of its own notices, and on nothing else."""
        return await take_arrivals(connection, facts, now)

    @router.subscriber("quality", **group.takes(Topic.QUALITY, QUALITY.validate_json))
    async def hear_quality(
        facts: list[Quality], connection: Transaction, now: Now
    ) -> Rejected[Quality]:
        """Keeps a second copy of each hash that the register told, and reminders for digests."""
        return await take_quality(connection, facts, now)

    return router


def writes(rules: AppliedRules) -> Write:
    """Makes the function that writes due notices' emails, whatever kind of notice each is."""

    async def write(
        connection: Connection, rows: Sequence[LedgerRow], ink: MailSigning, now: datetime
    ) -> AsyncIterator[WrittenNotice]:
        # What is planned after go-live is not held again for want of its news.
        applied = await rules.in_transaction(connection)

        def page_of(kind: NoticeKind) -> WritePage:
            return ABOUT_NO_ITEM.get(kind, write_page)

        async for made in write_batch(connection, rows, applied, ink, now, page_of):
            yield made

    return write
