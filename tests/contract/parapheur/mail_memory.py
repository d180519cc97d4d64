"""A sender of mails sécurisés in memory: the interface as its contract says it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from services.desk.parapheur.secure_mail import MailAnswer, MailReading, MailSent, MailToSend
from services.desk.parapheur.signature_book import BookAway, BookRefuses, NoteRemote, RemoteId
from tests.fake_mailsec import SENT_AT, ZONE


def moment(said: str) -> datetime:
    """A moment as Pastell writes it."""
    return datetime.fromisoformat(said).replace(tzinfo=ZONE)


@dataclass
class MemoryMail:
    """Keeps mails by our reference, which is its own id of them; each leaves at once."""

    away: bool = False
    mails: dict[str, MailToSend] = field(default_factory=dict)
    readings: dict[tuple[str, str], MailReading] = field(default_factory=dict)

    def _ask(self) -> None:
        if self.away:
            raise BookAway("unreachable")

    async def send(
        self,
        mail: MailToSend,
        before: RemoteId | None = None,
        noted: NoteRemote | None = None,
    ) -> RemoteId:
        """Keeps a mail, the first of its reference."""
        self._ask()
        if before is not None and before not in self.mails:
            raise BookRefuses("http-404")
        if noted is not None:
            await noted(RemoteId(mail.reference))
        if mail.reference not in self.mails:
            self.mails[mail.reference] = mail
            for address in mail.recipients:
                self.readings[mail.reference, address] = MailReading(moment(SENT_AT))
        return RemoteId(mail.reference)

    async def look(self, remote: RemoteId, recipients: Sequence[str]) -> MailAnswer:
        """Says who has read it."""
        self._ask()
        if remote not in self.mails:
            raise BookRefuses("http-404")
        return MailSent([self.readings.get((remote, address)) for address in recipients])

    async def withdraw(self, reference: str, before: RemoteId | None = None) -> bool:
        """Keeps what left."""
        self._ask()
        return reference not in self.mails and before is None

    def sent(self, reference: str) -> int:
        """How many links left."""
        return sum(1 + row.reminders for (ref, _), row in self.readings.items() if ref == reference)

    def files(self, reference: str) -> list[tuple[str, bytes]]:
        """What its recipients read."""
        return [(file.name, file.octets) for file in self.mails[reference].files]

    def read(self, reference: str, address: str, at: str) -> None:
        """A recipient opens the link."""
        before = self.readings[reference, address]
        self.readings[reference, address] = replace(before, read_at=moment(at))

    def remind(self, reference: str) -> None:
        """Somebody there sends every link again."""
        for one, before in list(self.readings.items()):
            if one[0] == reference:
                self.readings[one] = replace(before, reminders=before.reminders + 1)

    def give_back(self, reference: str, address: str) -> None:
        """The mail server of a recipient returns the link."""
        before = self.readings[reference, address]
        self.readings[reference, address] = replace(before, returned=True)
