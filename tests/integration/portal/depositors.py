"""Programs that deposit at the portal: their keys, what they say."""

from base64 import b64encode
from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

import httpx

from services.desk.api.domain.keys import KeyScope
from services.desk.api.key_service import KeyService, KeyWish
from services.desk.store.access_journal import JournalLine, What
from shared.platform.database import Pool, transaction
from shared.web.application_tokens import KeyId
from tests.desk_browser import TODAY
from tests.desk_builders import a_site
from tests.papers import TITRE_DE_SEJOUR, a_letter, as_pdf
from tests.portal_browser import Visitor

PATH = "/api/v1/depots"
SAID = {
    "nature": "request",
    "message": "Je demande une attestation.",
    "subject": "Attestation",
    "name": "Renée Dupont",
    "email": "renee@exemple.fr",
    "service": "bmi",
}
PDF = as_pdf([a_letter(TITRE_DE_SEJOUR)])


async def a_key(
    register: Pool,
    *scopes: KeyScope,
    services: Sequence[str] | None = None,
    pace: int = 600,
    days: int = 30,
) -> str:
    """The token of a new key, which deposits unless scopes are named."""
    async with transaction(register) as connection:
        line = JournalLine(TODAY, What.KEY_GIVEN, None, None, "tests")
        wish = KeyWish(
            "Une téléprocédure",
            frozenset(scopes or {KeyScope.DEPOSIT}),
            None if services is None else frozenset(services),
            pace,
            TODAY + timedelta(days=days),
        )
        service = KeyService(connection, "account:local", line)
        given = TODAY if days else TODAY - timedelta(days=1)
        return (await service.give(wish, a_site(), given, uuid4()))[1]


def shown_half(token: str) -> KeyId:
    """The half of a token that is shown and journalled."""
    return KeyId(token.split("_")[1])


async def sent(portal: Visitor, token: str, *, once: str = "a", **more: object) -> httpx.Response:
    """What a program is answered that deposits what `SAID` says, or more."""
    headers = {"authorization": f"Bearer {token}", "idempotency-key": once}
    return await portal.client.post(PATH, json={**SAID, **more}, headers=headers)


def a_file(content: bytes = PDF, name: str = "pièce.pdf") -> dict[str, str]:
    """A file as a program's document has it."""
    return {"name": name, "content": b64encode(content).decode()}
