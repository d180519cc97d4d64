"""The job of `desk keep` that tells webhooks what happened to items (docs/decisions/0171).

While nobody listens a round is one question to an empty table.
"""

from services.desk.api.webhook_sender import WebhookSender
from services.desk.jobs import JobContext
from shared.platform.jobs import Job, every

EACH_SECONDS = 2.0


def sends_webhooks(parts: JobContext) -> Job:
    """Makes the background job that sends webhooks; what is on its way ends with it."""

    async def run() -> None:
        sender = WebhookSender(
            pool=parts.pool,
            rules=parts.rules,
            keys=parts.settings.site_keys,
            clock=parts.clock,
            stopping=parts.stopping,
        )
        async with sender:
            await every(EACH_SECONDS, sender.round, parts.stopping)()

    return run
