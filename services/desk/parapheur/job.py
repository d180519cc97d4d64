"""The job of `desk keep` that gives letters to the parapheur and asks what became of them.

    claim a letter → ask the parapheur, without a connection to the database → note what came of it

Where the site names no parapheur a round is one reading of its rules.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import uuid5

from services.desk import statements
from services.desk.domain.stamp import Stamp
from services.desk.jobs import JobContext, claim_each
from services.desk.parapheur import attempts, signature_departures
from services.desk.parapheur.failures import failure_of
from services.desk.parapheur.iparapheur import IParapheurBook
from services.desk.parapheur.pastell import Pastell
from services.desk.parapheur.signature_book import (
    Annex,
    BookRefuses,
    BookUnsure,
    CameBack,
    LetterToSign,
    RefusedThere,
    RemoteId,
    SignatureBook,
    SignedThere,
    judge,
)
from services.desk.settings import DeskSettings
from services.desk.store import erasures, items
from services.desk.store.parapheur_letters import ParapheurLetter, ParapheurState
from shared.content import plis
from shared.content.blobs import Blobs
from shared.facts.authors import by_source
from shared.facts.items.routing import SignatureReturned
from shared.platform.clock import Clock, sure
from shared.platform.database import Connection, Pool, transaction
from shared.platform.jobs import Job, every
from shared.platform.observability.logs import Log
from shared.site.applied_rules import Rules
from shared.site.tables.bundle import AppliedSite
from shared.site.tables.identity import Parapheur, SigningPlace, circuit_towards

EACH_SECONDS: Final = 10.0
LOOK: Final = timedelta(minutes=5)
"""Before the first look at a letter that was given, and between two while it is unsigned."""
MOST_ROUND: Final = 100
"""Letters of one round: rules and secrets are read anew after it."""
THERE: Final = frozenset({ParapheurState.SENT, ParapheurState.FAILED})
"""What may come back; a letter that failed may have been signed in spite of it."""
SOURCE: Final = "parapheur"
MOST_REASON: Final = 2000

log = Log("parapheur")

BookMaker = Callable[[SigningPlace, DeskSettings], Pastell | IParapheurBook]


def book_of(place: SigningPlace, settings: DeskSettings) -> Pastell | IParapheurBook:
    """Makes the client of the site's parapheur (signature book): of Pastell, or of i-Parapheur."""
    login, password = settings.parapheur_login, settings.parapheur_password
    if isinstance(place, Parapheur):
        return Pastell(place, login, password)
    return IParapheurBook(place, login, password)


@dataclass(frozen=True, slots=True)
class ParapheurRounds:
    """The worker that gives letters to the parapheur and fetches what was signed or refused."""

    pool: Pool
    rules: Rules
    blobs: Blobs
    clock: Clock
    settings: DeskSettings
    stopping: asyncio.Event
    book: BookMaker = book_of

    async def round(self) -> None:
        """Sends or looks up each letter due at the parapheur. Raises TemporaryFailure."""
        async with transaction(self.pool) as connection:
            applied = await self.rules.if_any(connection)
            place = None if applied is None else applied.site.identity.signing
            if applied is None or place is None or not await attempts.any_due(connection):
                return
        async with self.book(place, self.settings) as book:
            due = claim_each(self.pool, attempts.claim, self.stopping, MOST_ROUND)
            async for letter in due:
                await self._attempt(book, letter, applied)

    async def _attempt(
        self, book: SignatureBook, letter: ParapheurLetter, applied: AppliedSite
    ) -> None:
        """One attempt at a letter: what it brings is noted, also that it failed."""
        attempt = self._one(book, letter, applied)
        failure = await failure_of(attempt, letter.attempts + 1, letter.given.letter)
        if failure is not None:
            await self._failed(letter, failure.why, failure.pause)

    async def _one(
        self, book: SignatureBook, letter: ParapheurLetter, applied: AppliedSite
    ) -> None:
        if letter.state is ParapheurState.TAKEN_BACK:
            await self._withdraw(book, letter)
        elif letter.state is ParapheurState.FAILED:
            await self._look_again(book, letter, applied)
        elif letter.state is ParapheurState.TO_SEND or letter.remote is None:
            await self._send(book, letter, applied)
        else:
            await self._look(book, letter, RemoteId(letter.remote), applied)

    async def _failed(self, letter: ParapheurLetter, why: str, pause: timedelta | None) -> None:
        async with transaction(self.pool) as connection:
            if letter.state is ParapheurState.FAILED:
                await attempts.note_still_failed(connection, letter.given.letter, None)
                return
            await attempts.note_failure(connection, letter.given.letter, why, pause)
        if pause is None:
            log.warning("parapheur_letter_given_up", letter=letter.given.letter, why=why)

    async def _withdraw(self, book: SignatureBook, letter: ParapheurLetter) -> None:
        before = None if letter.remote is None else RemoteId(letter.remote)
        gone = await book.withdraw(letter.given.letter.hex, before)
        async with transaction(self.pool) as connection:
            await attempts.note_withdrawn(connection, letter.given.letter, gone=gone)

    async def _send(
        self, book: SignatureBook, letter: ParapheurLetter, applied: AppliedSite
    ) -> None:
        given, place = letter.given, applied.site.identity.signing
        assert place is not None  # noqa: S101  (the round asked)
        async with transaction(self.pool) as connection:
            found = await items.read(connection, [given.item_id])
        circuit = circuit_towards(place, given.signatory, found[given.item_id].service)
        document = await self.blobs.get(given.document)
        title = f"Courrier {found[given.item_id].chrono}"
        before = None if letter.remote is None else RemoteId(letter.remote)
        annexes = await self._annexes(letter)
        to_sign = LetterToSign(given.letter.hex, title, document, circuit, annexes)

        async def noted(remote: RemoteId) -> None:
            async with transaction(self.pool) as connection:
                await attempts.note_remote(connection, given.letter, remote)

        remote = await book.send(to_sign, before, noted)
        async with transaction(self.pool) as connection:
            await attempts.note_sent(connection, given.letter, remote)
            if letter.remote is None:
                # A parapheur passes it on by jobs of its own: there is nothing to see before.
                await attempts.note_waiting(connection, given.letter, None, LOOK)

    async def _annexes(self, letter: ParapheurLetter) -> Sequence[Annex]:
        """The files that go with a letter, by their numbers: two may have one name."""
        if letter.given.annexes is None:
            return ()
        named = (await plis.read(self.blobs, letter.given.annexes)).enclosures
        return [
            Annex(f"annexe-{n}-{file.name}", file.media_type, await self.blobs.get(file.key))
            for n, file in enumerate(named, 1)
        ]

    async def _look(
        self, book: SignatureBook, letter: ParapheurLetter, remote: RemoteId, applied: AppliedSite
    ) -> None:
        given, answer = letter.given, await book.look(remote)
        if isinstance(answer, SignedThere):
            await self._signed(letter, answer, applied)
        elif isinstance(answer, RefusedThere):
            async with transaction(self.pool) as connection:
                if await self._returns(connection, letter, applied):
                    reason = answer.reason[:MOST_REASON]
                    now = sure(self.clock)
                    await attempts.note_refused(connection, given.letter, reason, now)
        else:
            async with transaction(self.pool) as connection:
                await attempts.note_waiting(connection, given.letter, answer.why or None, LOOK)

    async def _look_again(
        self, book: SignatureBook, letter: ParapheurLetter, applied: AppliedSite
    ) -> None:
        """A look at what failed and is there: somebody may have signed it in spite of it."""
        if letter.remote is None:  # only by a row that somebody wrote by hand
            raise BookUnsure("no-remote")
        try:
            await self._look(book, letter, RemoteId(letter.remote), applied)
        except BookUnsure:
            raise
        except BookRefuses as refusal:
            async with transaction(self.pool) as connection:
                await attempts.note_still_failed(connection, letter.given.letter, str(refusal))

    async def _signed(
        self, letter: ParapheurLetter, answer: SignedThere, applied: AppliedSite
    ) -> None:
        """Keeps what came back, in the folder of what was sent, unless it is no signed PDF."""
        given = letter.given
        found = judge(await self.blobs.get(given.document), answer.document)
        if found in {CameBack.NO_PDF, CameBack.UNSIGNED}:
            raise BookRefuses(found.value)
        year = int(given.document.partition("/")[0])
        signed = await self.blobs.put(year, given.letter, answer.document)
        async with transaction(self.pool) as connection:
            if await self._returns(connection, letter, applied):
                now = sure(self.clock)
                await attempts.note_signed(
                    connection,
                    given.letter,
                    signed,
                    tuple(answer.signers),
                    now,
                    same=found is CameBack.SAME,
                )
                await signature_departures.leave_unless_doubtful(
                    connection, given.letter, applied, now
                )
            elif await erasures.is_condemned(connection, erasures.folder(signed)):
                # Its item was emptied while it came back: what was just written goes as well.
                folders = [erasures.folder(signed)]
                await erasures.condemn_folders(connection, folders, "withdrawn", sure(self.clock))

    async def _returns(
        self, connection: Connection, letter: ParapheurLetter, applied: AppliedSite
    ) -> bool:
        """Gives the item back to who had it, unless the letter was taken back meanwhile."""
        given = letter.given
        before = await items.lock(connection, [given.item_id])
        if (await attempts.lock(connection, given.letter)).state not in THERE:
            return False
        item = before[given.item_id].item
        if item.signatory == given.signatory and not item.ended:
            # The letter's own id is the decision that gave it there.
            cause = uuid5(given.letter, "returned")
            stamp = Stamp(given.item_id, item.seq, cause, by_source(SOURCE), sure(self.clock))
            returned = SignatureReturned(**stamp(1))
            await statements.state(connection, before, [returned], applied.site.zone)
        return True


def gives_to_parapheur(parts: JobContext) -> Job:
    """Makes the background job that gives letters to the parapheur and fetches its answers."""
    rounds = ParapheurRounds(
        parts.pool, parts.rules, parts.blobs, parts.clock, parts.settings, parts.stopping
    )
    return every(EACH_SECONDS, rounds.round, parts.stopping)
