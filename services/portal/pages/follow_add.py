"""What whoever follows a letter adds to it: a word, documents, or that it is not answered.

It enters as any message of the form does, by the spool and within the same limits, and says to
which letter it belongs by that letter's own code, which ingest verifies: the portal has no secret.
An open letter has it as its sender's next message; of one that has ended it becomes a letter of its
own, linked, which a person reads. No machine answers it.
"""

from starlette.responses import Response

from services.portal.domain import deposit as deposits
from services.portal.pages import follow_letter, form
from services.portal.pages.visit import PublicVisit

admits = form.admits
MOST = form.MOST


async def write(visit: PublicVisit) -> Response:
    """Stores what is added to the letter of the address; redirects to its follow-up page.

    Raises Mistyped when it is empty or a file is refused, TemporaryFailure as the form does.
    """
    sent = visit.form()
    found = await follow_letter.proven(visit)
    if isinstance(found, Response):
        return found
    code, letter = found
    files = await form.received(visit, sent)
    added = deposits.addition_of(
        sent,
        [attachment.file for attachment in files],
        code,
        visit.now,
        answered=letter.answered_at is not None,
    )
    return await form.take(visit, added, files)


show = follow_letter.follow
otherwise = form.otherwise
