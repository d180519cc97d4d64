"""Pastell's *mail sécurisé*: a document of a type such as `mailsec`, which Pastell mails as a link.

    find by our reference → create, titled by it at once → recipients, text, files → « envoi »

Pastell writes down each recipient (`email_info`), mails the links one after the other, and only
then says « envoi »: what it began and did not say is never sent again from here. Facts of the
protocol are those of libriciel/pastell, `module/mailsec` and `ls-mailsec` (docs/decisions/0206).
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import parseaddr
from typing import Any, Final
from zoneinfo import ZoneInfo

import httpx
from pydantic import SecretStr

from services.desk.parapheur.answers import NOT_THERE
from services.desk.parapheur.pastell_client import WRITABLE, PastellClient, data_of, text_of
from services.desk.parapheur.secure_mail import (
    MailAnswer,
    MailReading,
    MailSent,
    MailToSend,
    MailUnsent,
)
from services.desk.parapheur.signature_book import (
    BookAway,
    BookRefuses,
    BookUnsure,
    NoteRemote,
    RemoteId,
)
from shared.content.addresses import UnusableAddress, one_address
from shared.site.tables.identity import SecureMailPlace

WAITS: Final = frozenset(
    {
        "orientation",
        "preparation-transformation",
        "transformation",
        "preparation-send-mailsec",
    }
)
"""Last actions of what `ls-mailsec` sends by jobs of its own, a little later."""
BROKEN: Final = frozenset({"fatal-error", "transformation-error", "send-mailsec-error"})
"""Last actions of what Pastell gave up: a person looks there."""
HALF_SENT: Final = "half-sent"
"""Code of a document whose recipients Pastell wrote down, and did not say that it was sent."""
MOST_TITLE: Final = 150
"""Letters of a subject, in a title that Pastell keeps to 255 with our reference."""
_SENDS: Final[Mapping[str, str]] = {"mailsec": "envoi"}
"""The action that sends, by type; of any other, made in Pastell's studio, it is « orientation »."""


class PastellMail(PastellClient):
    """A client of Pastell for mails sécurisés of one entity; `async with` closes it."""

    def __init__(
        self,
        place: SecureMailPlace,
        account: tuple[str, SecretStr],
        zone: ZoneInfo,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._sends = _SENDS.get(place.flow, "orientation")
        self._zone = zone
        super().__init__(
            place.url, place.entity, place.flow, place.timeout_seconds, account, transport
        )

    async def send(
        self,
        mail: MailToSend,
        before: RemoteId | None = None,
        noted: NoteRemote | None = None,
    ) -> RemoteId:
        """Sends a mail sécurisé, once for each reference; returns its id at Pastell.

        One that is there already with its reference is gone on with. Raises BookRefuses; BookUnsure
        (`half-sent`) for what Pastell began to send.
        """
        to, *copies = [_plain(address) for address in mail.recipients]
        title = f"{mail.subject[:MOST_TITLE]} [{mail.reference}]"
        remote = before
        if remote is None:
            found = await self.find(mail.reference)
            remote = found[0] if found else await self.create("objet", title)
        action, said = await self.detail(remote)
        if mail.reference not in text_of(data_of(said), "objet"):
            raise BookRefuses(NOT_THERE)
        if noted is not None:
            await noted(remote)
        if action not in WRITABLE:
            return remote
        if _told(said):
            raise BookUnsure(HALF_SENT)
        at = f"document/{remote}"
        fields = {"objet": title, "message": mail.text, "to": to, "cc": ", ".join(copies)}
        told = await self.ask_for("PATCH", at, data=fields)
        for number, file in enumerate(mail.files):
            told = await self.put_file(f"{at}/file/document_attache/{number}", file)
        if not told.get("formulaire_ok"):
            raise BookRefuses("incomplete")
        if not (await self.ask_for("POST", f"{at}/action/{self._sends}")).get("result"):
            raise BookRefuses("not-sent")
        return remote

    async def look(self, remote: RemoteId, recipients: Sequence[str]) -> MailAnswer:
        """Asks Pastell what became of a mail sécurisé, and who of its `recipients` has read it.

        Raises BookRefuses when it is not there, broken, or was never sent.
        """
        action, said = await self.detail(remote)
        if action in WAITS:
            return MailUnsent()
        told = _told(said)
        if action in WRITABLE and told:
            raise BookUnsure(HALF_SENT)
        if action in WRITABLE or action in BROKEN or not told:
            raise BookRefuses(action[:60] if re.fullmatch(r"[a-z0-9-]+", action) else "unknown")
        rows = {parseaddr(str(row.get("email", "")))[1].lower(): row for row in told}
        asked = [_plain(address).lower() for address in recipients]
        readings = [self._reading(rows[to]) if to in rows else None for to in asked]
        if not any(readings):
            raise BookRefuses("other-recipients")
        return MailSent(readings)

    def _reading(self, row: Mapping[str, Any]) -> MailReading:
        sent_at, is_read = self._moment(row.get("date_envoie")), _is_set(row.get("lu"))
        read_at = self._moment(row.get("date_lecture")) if is_read else None
        if sent_at is None or (is_read and read_at is None):
            raise BookAway("protocol")
        times = str(row.get("nb_renvoi") or 0)
        return MailReading(
            sent_at=sent_at,
            read_at=read_at,
            # The first sending counts there as well.
            reminders=max(0, int(times) - 1) if times.isdecimal() else 0,
            returned=_is_set(row.get("has_error")),
        )

    def _moment(self, said: object) -> datetime | None:
        """The moment that Pastell writes in its own local time, which is the site's."""
        try:
            return datetime.fromisoformat(str(said)).replace(tzinfo=self._zone)
        except ValueError:
            return None

    async def withdraw(self, reference: str, before: RemoteId | None = None) -> bool:
        """Deletes a mail sécurisé from Pastell unless it left, or may have; returns whether it did.

        Whoever deleted there what we gave (`before`) may have sent it first: False.
        """
        found = await self.find(reference)
        gone = before is None or before in found
        for remote in found:
            action, said = await self.detail(remote)
            if _told(said) or action not in WRITABLE | BROKEN:
                gone = False
                continue
            await self.ask_octets("DELETE", f"document/{remote}")
        return gone


def _told(said: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The recipients whom Pastell wrote down when it began to send: a list, or by their number."""
    told = said.get("email_info")
    rows = list(told.values()) if isinstance(told, dict) else told
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _is_set(said: object) -> bool:
    return said not in (None, "", 0, "0", False)


def _plain(address: str) -> str:
    """Parses one address: Pastell reads a comma as one more, and `groupe: "…"` as many."""
    try:
        return one_address(address)
    except UnusableAddress:
        raise BookRefuses("address") from None
