"""Pastell's *mail sécurisé* on top of the API of `fake_pastell`: recipients, links, who read them.

Written from the facts of libriciel/pastell (module/mailsec, MailsecEnvoyer, DocumentEmail): what
each recipient's row says, and which action follows which.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from services.desk.parapheur.mailsec import PastellMail
from shared.site.tables.identity import SecureMailPlace
from tests.fake_pastell import LOGIN, PASSWORD, FakePastell, PastellFile

PLACE: Final = SecureMailPlace(url="https://pastell.prefecture.example", entity=12)
ZONE: Final = ZoneInfo("Europe/Paris")
SENT_AT: Final = "2026-05-12 10:03:33"


@dataclass
class FakeMailsec(FakePastell):
    """The server; `mails` stops in the middle where `breaks_after` says so."""

    several: ClassVar = "document_attache"
    breaks_after: int | None = None
    """How many links leave before its own mail server is away; `None`: all."""

    def is_whole(self, file: PastellFile) -> bool:
        """Whether a mail has its subject and to whom it goes."""
        return bool(file.data.get("objet") and file.data.get("to"))

    def mail_client(self, flow: str = "mailsec") -> PastellMail:
        """A client of ours that asks it."""
        place = PLACE.model_copy(update={"flow": flow})
        return PastellMail(place, (LOGIN, SecretStr(PASSWORD)), ZONE, transport=self)

    # What people and its jobs do there.

    def sent(self, reference: str) -> int:
        """How many links left, first sendings and all others."""
        return sum(row["nb_renvoi"] for file in self._all(reference) for row in _rows(file))

    def read(self, reference: str, address: str, at: str) -> None:
        """A recipient opens the link for the first time."""
        file = self._titled(reference)
        for row in _rows(file):
            if row["email"] == address:
                row |= {"lu": 1, "date_lecture": at}
        everybody = all(row["lu"] for row in _rows(file))
        file.actions.append("reception" if everybody else "reception-partielle")

    def remind(self, reference: str) -> None:
        """Somebody there sends every link again."""
        file = self._titled(reference)
        for row in _rows(file):
            row["nb_renvoi"] += 1
        file.actions.append("renvoi")

    def give_back(self, reference: str, address: str) -> None:
        """The mail server of a recipient returns the link."""
        file = self._titled(reference)
        for row in _rows(file):
            if row["email"] == address:
                row |= {"has_error": 1, "last_error": "550 5.1.1"}
        if all(row["has_error"] for row in _rows(file)):
            file.actions.append("erreur")

    def finish(self, reference: str) -> None:
        """The jobs of `ls-mailsec` send what was given to them."""
        file = self._titled(reference)
        self._mail(file)
        file.actions += ["transformation", "preparation-send-mailsec", "send-mailsec"]

    def _all(self, reference: str) -> list[PastellFile]:
        return [file for file in self.documents.values() if reference in file.title]

    # The API.

    def _told(self, id_: str) -> dict[str, Any]:
        told = super()._told(id_)
        rows = _rows(self.documents[id_])
        told["data"] = {name: text for name, text in told["data"].items() if name != "rows"}
        return {**told, "email_info": rows} if rows else told

    async def _act(self, request: Request) -> Response:
        file = self._of(request)
        allowed = "envoi" if file is not None and file.type == "mailsec" else "orientation"
        if file is None or request.path_params["action"] != allowed or not self.is_whole(file):
            return JSONResponse({"status": "error"}, 400)
        if file.last not in {"creation", "modification"}:
            return JSONResponse({"status": "error"}, 400)
        if allowed == "orientation":
            file.actions += ["orientation", "preparation-transformation"]
        elif not self._mail(file):
            return JSONResponse({"status": "error", "error-message": "SMTP"}, 400)
        else:
            file.actions.append("envoi")
        return JSONResponse({"result": True, "message": ""}, 201)

    def _mail(self, file: PastellFile) -> bool:
        """Writes down each recipient, then mails one after the other; whether all left."""
        to = [part.strip() for part in f"{file.data['to']},{file.data.get('cc', '')}".split(",")]
        known = {row["email"] for row in _rows(file)}
        for address in to:
            if address and address not in known:
                _rows(file).append(
                    {"email": address, "lu": 0, "date_envoie": SENT_AT, "date_lecture": None,
                     "nb_renvoi": 0, "has_error": None}
                )  # fmt: skip
        for number, row in enumerate(_rows(file)):
            if number == self.breaks_after:
                return False
            row["nb_renvoi"] += 1
        return True


def _rows(file: PastellFile) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = file.data.setdefault("rows", [])
    return rows
