"""Where the parts of `desk serve` meet: the pages, and what features serve beside them.

It reaches PostgreSQL and no Kafka: what is decided on its pages is told by the relay of `desk keep`
or of `run`, which the commit wakes (docs/decisions/0218).
"""

from services.desk.accounts.oidc import provider_of
from services.desk.features import all_mounts, all_pages
from services.desk.news import News
from services.desk.pages.guards import no_demo_outside, portal_elsewhere, refuse_unsheltered
from services.desk.pages.renderer import waiting_app
from services.desk.pages.serve import PageServer
from services.desk.settings import DeskSettings
from shared.content import encryption_metric
from shared.platform.database import transaction
from shared.platform.messaging.outbox_age import show_age
from shared.platform.service_life import Parts, ServiceCommand, ServiceContext
from shared.site.applied_rules import AppliedRules

SCHEMA = "desk"


async def _no_demo_outside(ground: ServiceContext, settings: DeskSettings) -> None:
    async with transaction(ground.pool) as connection:
        applied = await AppliedRules().if_any(connection)
    no_demo_outside(settings, None if applied is None else applied.site)


def create_serve(settings: DeskSettings) -> ServiceCommand:
    """Builds the process `desk serve`, which serves the register's web pages over HTTP.

    Raises:
        PermanentFailure: the settings would open the pages to a network without protection, or
            give them the portal's address.
    """
    refuse_unsheltered(settings)
    portal_elsewhere(settings)
    table, mounts = all_pages(), all_mounts()  # imported before anybody waits for an answer

    async def assemble(ground: ServiceContext) -> Parts:
        blobs = settings.originals
        provider = provider_of(settings)
        news = News(settings.database_url)
        rules = AppliedRules()
        await _no_demo_outside(ground, settings)
        pages = PageServer(
            *(ground.pool, ground.clock, rules, blobs, settings),
            *(table, provider, news),
            mounts=mounts,
        )
        pages.prepare()
        show_age(ground.telemetry, ground.pool, SCHEMA)
        sending = settings.sender_parts(ground.telemetry, ground.stopping)
        return Parts(
            pages=pages.app,
            tasks={"news": news.follow, **sending.jobs},
            proxies=settings.proxies,
            checks={
                **settings.room_checks(settings.spool),
                **sending.checks,
                "encryption": encryption_metric.key_check(
                    ground.telemetry.registry, settings.keys.current
                ),
            },
        )

    waiting = waiting_app(settings)
    return ServiceCommand("desk serve", SCHEMA, settings, assemble, waiting, has_transport=False)
