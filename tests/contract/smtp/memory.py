"""The in-memory form of a mailer: it answers as the recipient's name says, like the sink."""

from dataclasses import dataclass, field

from services.notify.domain.ledger import (
    Accepted,
    NoAnswer,
    NotTried,
    RefusedForGood,
    RefusedForNow,
    SmtpAnswer,
)
from services.notify.mailer import Envelope
from shared.errors import TemporaryFailure

ANSWERS: dict[str, SmtpAnswer] = {
    "later": RefusedForNow("4.7.1"),
    "gone": RefusedForGood("5.1.1"),
    "full": RefusedForNow("4.2.2"),
    "spam": RefusedForGood("5.7.1"),
    "cut": NotTried(),
    "silent": NoAnswer(),
}


@dataclass
class MemoryMailer:
    """Keeps what it is given."""

    taken: list[Envelope] = field(default_factory=list)
    away: bool = False

    async def connect(self) -> None:
        if self.away:
            raise TemporaryFailure("The memory of mails is away.")

    async def send(self, envelope: Envelope) -> SmtpAnswer:
        answer = ANSWERS.get(envelope.recipient.partition("@")[0], Accepted())
        if isinstance(answer, Accepted | NoAnswer):
            self.taken.append(envelope)
        return answer

    async def close(self) -> None:
        return
