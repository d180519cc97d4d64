"""The job of `desk keep` that tells webhooks what happened to items (docs/decisions/0171).

While nobody listens a round is one question to an empty table.
"""

from services.desk.api.webhook_sender import WebhookSender
from services.desk.jobs import JobContext
from shared.errors import TemporaryFailure
from shared.platform.database import UNREACHABLE
from shared.platform.jobs import Job, every

EACH_SECONDS = 2.0


def sends_webhooks(parts: JobContext) -> Job:
    """Makes the background job that sends webhooks.

    What is on its way ends with the process, and not with a round for which PostgreSQL was away.
    """
    sender = WebhookSender(
        pool=parts.pool,
        rules=parts.rules,
        keys=parts.settings.site_keys,
        clock=parts.clock,
        stopping=parts.stopping,
    )

    async def run() -> None:
        goes_on = False
        try:
            await every(EACH_SECONDS, sender.round, parts.stopping)()
        except (TemporaryFailure, *UNREACHABLE):
            goes_on = not parts.stopping.is_set()
            raise
        finally:
            if not goes_on:
                await sender.end()

    return run
