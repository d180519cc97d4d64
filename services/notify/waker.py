"""What no fact wakes: letters that reach calendar day 10, letters to make, digests, go-live."""

from services.notify import digests
from services.notify.domain.ledger import NoticeState
from services.notify.domain.policy import NOT_LIVE
from services.notify.handlers import WAKE_BATCH, settle, wake
from services.notify.mail_composition import MailSigning
from services.notify.printer import print_one
from services.notify.store import facts, ledger
from shared.platform.clock import Clock, sure
from shared.platform.database import Pool, transaction
from shared.site.applied_rules import AppliedRules
from shared.site.tables.bundle import AppliedSite

EACH_SECONDS = 5.0


class Waker:
    """The background job that decides items again when time or new rules concern them."""

    def __init__(self, pool: Pool, clock: Clock, rules: AppliedRules, ink: MailSigning) -> None:
        self._pool = pool
        self._ink = ink
        self._clock = clock
        self._rules = rules
        self._seen: tuple[object, ...] = ()

    async def round(self) -> None:
        """Does all that is due now. Raises TemporaryFailure when PostgreSQL goes away."""
        while await self._wake_some() or await self._print_one():
            pass
        await self._make_digests()

    async def _make_digests(self) -> None:
        """Looks for digests where something has changed since the last look."""
        applied, now = self._rules.applied, sure(self._clock)
        async with transaction(self._pool) as connection:
            seen = await digests.worth_looking(connection, applied, now)
            if seen == self._seen:
                return
            await digests.make(connection, applied, now)
        # What it was before: what another transaction told meanwhile is found by the next look, as
        # is what this one made of it.
        self._seen = seen

    async def _wake_some(self) -> bool:
        async with transaction(self._pool) as connection:
            return await wake(connection, self._rules.applied, sure(self._clock)) == WAKE_BATCH

    async def _print_one(self) -> bool:
        return await print_one(self._pool, self._rules.applied, self._ink, sure(self._clock))

    async def switched(self, applied: AppliedSite) -> None:
        """Decides again, after go-live, all that was held because the site was not live."""
        if applied.go_live is None:
            return
        async with transaction(self._pool) as connection:
            held = await ledger.in_state(connection, NoticeState.HELD, NOT_LIVE)
            ids = {row.item_id for row in held if row.item_id is not None}
            await facts.lock(connection, ids)
            await settle(connection, ids, applied, self._clock.now())
