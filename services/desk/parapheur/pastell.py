"""Pastell's REST API v2, by which letters reach the parapheur behind it.

    find by our reference → create, titled by it at once → circuit and PDF → « orientation »

What Pastell accepted and did not answer is found by its title the next time. A file that got no
title before the answer was lost stays unsent there: only what is titled is sent to its circuit.
Facts of the protocol are those of libriciel/pastell, `ls-document-pdf` (docs/decisions/0147).
"""

import asyncio
import re
from collections.abc import Mapping
from typing import Any, Final

import httpx
from pydantic import SecretStr

from services.desk.parapheur.answers import (
    MOST_PDF,
    NOT_THERE,
    TooLarge,
)
from services.desk.parapheur.history import refusal_of, signers_of
from services.desk.parapheur.pastell_client import WRITABLE, PastellClient, data_of, text_of
from services.desk.parapheur.signature_book import (
    BookAnswer,
    BookRefuses,
    BookUnsure,
    LetterToSign,
    NoteRemote,
    RefusedThere,
    RemoteId,
    SignedThere,
    StillThere,
)
from shared.site.tables.identity import Parapheur

REOPENED: Final = "reopened"
"""Code of a file that was in its circuit and is written on again: « Rouvrir », « Modifier »."""
REFUSED: Final = "rejet-iparapheur"
DELETABLE: Final = WRITABLE | {REFUSED, "transformation-error", "send-signature-error"}
"""Last actions of a file that nobody has before them at the parapheur: it may be deleted."""
_OF_A_CIRCUIT: Final = ("document_original", "has_signature", "signature", "iparapheur_dossier_id")
"""Parts of a file that only its circuit fills in."""
WAITS: Final = frozenset(
    {
        "orientation",
        "preparation-transformation",
        "transformation",
        "preparation-send-iparapheur",
        "send-iparapheur",
        "verif-iparapheur",
    }
)
"""Last actions of a letter that is on its way, or waits for its signature, in their order."""
UNSURE: Final = "erreur-verif-iparapheur"
"""Pastell could not ask its parapheur, or has had no answer for days; the letter is there."""
_BEFORE_REASON: Final = re.compile(r"^\d[\d/:. T-]*\[\w+\]\s*")
"""« 12/05/2026 10:03:33 : [RejetSignataire] » before what a person wrote."""


class Pastell(PastellClient):
    """A client of Pastell (gateway to a parapheur) for one entity; `async with` closes it."""

    def __init__(
        self,
        place: Parapheur,
        login: str,
        password: SecretStr,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        super().__init__(
            place.url, place.entity, place.flow, place.timeout_seconds, (login, password), transport
        )

    async def send(
        self,
        letter: LetterToSign,
        before: RemoteId | None = None,
        noted: NoteRemote | None = None,
    ) -> RemoteId:
        """Gives a letter to its signature circuit; returns its id at Pastell. Raises BookRefuses.

        One that is there already with its reference is gone on with: nothing has to be `noted`.
        """
        del noted
        title = f"{letter.title} [{letter.reference}]"
        remote = before
        if remote is None:
            found = await self.find(letter.reference)
            remote = found[0] if found else await self.create("libelle", title)
        action, data = await self._detail(remote)
        if letter.reference not in text_of(data, "libelle"):
            raise BookRefuses(NOT_THERE)
        if action not in WRITABLE:
            return remote
        if _was_given(data):
            raise BookRefuses(REOPENED)
        at = f"document/{remote}"
        await self.ask_for("PATCH", at, data={"libelle": title, "envoi_signature": "1"})
        circuit = {"iparapheur_sous_type": letter.circuit}
        await self.ask_for("PATCH", f"{at}/externalData/iparapheur_sous_type", data=circuit)
        name = f"{letter.title.replace(' ', '-')}.pdf"
        file = {"file_content": (name, letter.document, "application/pdf")}
        said = await self.ask_for(
            "POST", f"{at}/file/document", data={"file_name": name}, files=file
        )
        for number, annex in enumerate(letter.annexes):
            said = await self.put_file(f"{at}/file/annexe/{number}", annex)
        if not said.get("formulaire_ok"):
            raise BookRefuses("incomplete")
        if not (await self.ask_for("POST", f"{at}/action/orientation")).get("result"):
            raise BookRefuses("not-sent")
        return remote

    async def look(self, remote: RemoteId) -> BookAnswer:
        """Asks Pastell what became of a letter; fetches a signed one and who signed.

        Raises BookRefuses when it is not there, or was opened again.
        """
        action, data = await self._detail(remote)
        if action in WAITS:
            return StillThere()
        if action == UNSURE:
            return StillThere(action)
        if action == REFUSED:
            said = _BEFORE_REASON.sub("", text_of(data, "parapheur_last_message"), 1)
            if not said:
                history = await self._history(remote, data)
                said = await asyncio.to_thread(refusal_of, history)
            return RefusedThere(said)
        if action in WRITABLE and _was_given(data):
            raise BookRefuses(REOPENED)
        if action in WRITABLE or not data.get("document_original"):
            raise BookRefuses(action[:60] if re.fullmatch(r"[a-z0-9-]+", action) else "unknown")
        document = await self.ask_octets("GET", f"document/{remote}/file/document", MOST_PDF)
        history = await self._history(remote, data)
        return SignedThere(document, await asyncio.to_thread(signers_of, history))

    async def _history(self, remote: RemoteId, data: Mapping[str, Any]) -> bytes:
        """What happened in the parapheur, as XML; empty where Pastell has none."""
        if not data.get("iparapheur_historique"):
            return b""
        try:
            return await self.ask_octets("GET", f"document/{remote}/file/iparapheur_historique")
        except TooLarge:
            return b""

    async def withdraw(self, reference: str, before: RemoteId | None = None) -> bool:
        """Deletes a letter from Pastell unless it may be or was signed; returns whether it is gone.

        Pastell would delete anything, and leave the parapheur behind it what it has: so may have
        whoever deleted there what we gave (`before`).
        """
        found = await self.find(reference)
        gone = before is None or before in found
        for remote in found:
            try:
                action, data = await self._detail(remote)
                if action not in DELETABLE or (action in WRITABLE and _was_given(data)):
                    gone = False
                    continue
                await self.ask_octets("DELETE", f"document/{remote}")
            except BookUnsure:
                raise  # it may answer otherwise a little later: nothing is said of the letter yet
            except BookRefuses as refusal:
                missing = str(refusal) == NOT_THERE
                gone = gone and missing and remote != before
        return gone

    async def _detail(self, remote: RemoteId) -> tuple[str, Mapping[str, Any]]:
        action, said = await self.detail(remote)
        return action, data_of(said)


def _was_given(data: Mapping[str, Any]) -> bool:
    """Returns whether a file was in its circuit once: one that is done can be opened again."""
    return any(data.get(name) not in (None, "", "0", False, []) for name in _OF_A_CIRCUIT)
