"""A prepared letter read again from its file, and composed as it stands today."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from pydantic import ValidationError

from services.desk.letters import store as letters
from services.desk.letters.composer import ComposedLetter, compose
from services.desk.letters.domain.circuit_text import PreparedText
from services.desk.letters.domain.enclosures import FileToSend
from services.desk.letters.domain.house_letters import house_letter, is_ours
from services.desk.letters.domain.library import LetterVersion
from services.desk.letters.domain.merge_fields import FillContext
from services.desk.store.circuit_letters import CircuitLetter
from shared.content.plis import Store
from shared.errors import PermanentFailure, Refused
from shared.facts.envelope import BlobKey
from shared.facts.vocabulary import Way
from shared.platform.database import Connection
from shared.site.tables.people import Person


def composed_of(
    version: LetterVersion,
    about: FillContext,
    letter: CircuitLetter,
    text: PreparedText,
    way: Way,
    signer: Person | None,
    files: Sequence[FileToSend] = (),
) -> ComposedLetter:
    """Composes a prepared letter again as it stands today, over the name of `signer`.

    `files`: what leaves with it, where it is to leave. Whoever prepared it is the agent whom it
    names. Raises Refused, UnusableTemplate.
    """
    agent = about.directory.person(letter.prepared_by) or about.agent
    about = replace(about, agent=agent, signatory=signer)
    return compose(version, about, text.asked, way, text.filled, files, text.copies)


async def version_of(
    connection: Connection, letter: CircuitLetter, about: FillContext, now: datetime
) -> LetterVersion:
    """Returns the version of the standard letter of which a letter was made. Raises Refused.

    Of a letter of the house, what its item and the site say `now`.
    """
    name, _, _ = letter.template.partition("@")
    if is_ours(name):
        return house_letter(name, about, now)
    for version in await letters.versions(connection, name):
        if version.name == letter.template:
            return version
    raise Refused(f"There is no letter {letter.template!r}.", "no-such-letter")


async def read_files(blobs: Store, text: PreparedText) -> Sequence[FileToSend]:
    """Reads the files that leave with a prepared letter. Raises what the store raises."""
    return [
        FileToSend(file.name, file.media_type, await blobs.get(file.key)) for file in text.files
    ]


async def read_text(blobs: Store, key: BlobKey) -> PreparedText:
    """Reads what a prepared letter says after a step.

    Raises PermanentFailure if the file is none, and what the store raises.
    """
    try:
        return PreparedText.model_validate_json(await blobs.get(key))
    except ValidationError as error:
        raise PermanentFailure(f"Blob {key} is no prepared letter.") from error
