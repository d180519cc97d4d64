"""What a failed attempt with the server behind a connector means: when to ask again, or a person.

One rule for letters to be signed and for mails sécurisés: away is no failure, a refusal is one.
"""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from services.desk.parapheur.signature_book import BookAway, BookRefuses, BookUnsure
from shared.errors import PermanentFailure
from shared.platform.backoff import growing_pause
from shared.platform.observability.logs import Log, where

FIRST_PAUSE: Final = timedelta(seconds=20)
LONGEST_PAUSE: Final = timedelta(hours=1)
MOST_ATTEMPTS: Final = 80
"""About three days; a withdrawal is given up then too."""
MOST_UNSURE: Final = 8
"""More than half an hour: attempts that it refused as it does when what is behind it is away."""
ATTEMPT_SECONDS: Final = 900.0
"""For all questions of one attempt; less than the lease of a letter."""

log = Log("parapheur")


@dataclass(frozen=True, slots=True)
class AttemptFailure:
    """A failed attempt: a code of why, and the pause before the next; `None`: ask a person."""

    why: str
    pause: timedelta | None


def pause_after(failed: int) -> timedelta | None:
    """Returns the pause (retry backoff) after failed attempts in a row; `None`: ask a person."""
    if failed >= MOST_ATTEMPTS:
        return None
    return growing_pause(failed, FIRST_PAUSE, LONGEST_PAUSE)


async def failure_of(  # noqa: PLR0911  (one line an error)
    attempt: Coroutine[Any, Any, None], failed: int, letter: UUID
) -> AttemptFailure | None:
    """Runs one attempt at a letter; returns how it failed, or `None`. Raises only what ends a task.

    `failed`: which one in a row it is if it fails, from 1.
    """
    try:
        async with asyncio.timeout(ATTEMPT_SECONDS):
            await attempt
    except BookAway as away:
        return AttemptFailure(str(away), pause_after(failed))
    except TimeoutError:
        return AttemptFailure("too-slow", pause_after(failed))
    except BookUnsure as refusal:
        return AttemptFailure(str(refusal), pause_after(failed) if failed < MOST_UNSURE else None)
    except BookRefuses as refusal:
        return AttemptFailure(str(refusal), None)
    except PermanentFailure as failure:
        log.warning("parapheur_letter_failed", letter=letter, why=type(failure).__name__)
        return AttemptFailure("no-file", None)
    except Exception as error:  # noqa: BLE001  (whatever it is, it must stop no other letter)
        log.warning(
            "parapheur_attempt_failed", letter=letter, why=type(error).__name__, where=where(error)
        )
        return AttemptFailure("unexpected", pause_after(failed))
    return None
