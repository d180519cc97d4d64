"""The door to a mail's content: a child process reads it; the in-memory form stands in tests.

A stranger chose every octet of a mail, and its parsers are large and partly native: what overflows
a stack or hangs costs a child and this mail, not the mailboxes. A mail that ends a child is read
once more, plainly (no HTML, no old reports); one that ends that child too is a bomb, and goes to
quarantine unread. A mailbox gives each mail less time (`soon`), and has a slow one read apart.
"""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

from pydantic import TypeAdapter

from services.ingest.domain.mail import Mail, UnreadableMail
from services.ingest.mail_opener import MailBomb, Parsed, SlowMail, SoonParsed
from services.ingest.signature_reader import SignatureReader
from shared.platform.children import ChildDied, ChildFailed, ChildLimits, Children
from shared.platform.observability.logs import Log

PROGRAM = "services.ingest.mail_child"
ALLOWANCE = ChildLimits(seconds=4, patience=60, memory=1_500_000_000)
"""An honest mail of 60 MB takes a second; two attempts of four stay below ten."""
SOON = replace(ALLOWANCE, seconds=1.5, memory=600_000_000)
"""So that neither mail nor signature has a mailbox wait for two seconds; 400 MB read one of 60."""

log = Log("mails")


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of the email-parsing child process: a parsed email or an unreadable one."""

    mail: Mail | None = None
    unreadable: UnreadableMail | None = None


_ANSWER = TypeAdapter(Answer)


class MailParserPool:
    """A pool of sandboxed child processes that parse emails; another finds who signed them.

    A process of its own, since what reads certificates is large, and few mails are signed.
    """

    def __init__(
        self,
        children: Children | None = None,
        signatures: SignatureReader | None = None,
        hasty: Children | None = None,
    ) -> None:
        """Starts no process yet; `hasty` are the children that are asked `soon`."""
        self._children = children or Children(PROGRAM, ALLOWANCE)
        # Never the others: whoever asks these may ask the others before it has all answers.
        self._hasty = hasty or Children(PROGRAM, SOON)
        self._signatures = signatures or SignatureReader()

    def read(self, octets: bytes) -> Parsed:
        """Parses an email in a child process; a second one tries without the email's slow parts."""
        return self._signed(octets, self._read(octets), soon=False)

    def read_soon(self, mails: Sequence[bytes]) -> SoonParsed:
        """Parses emails in one request to a child process; one that ends it is the last yielded."""
        answers = self._hasty.ask_each(_ANSWER, {"do": "read"}, mails)
        with closing(answers):
            for octets, answer in zip(mails, answers, strict=False):
                try:
                    yield self._signed(octets, _said(answer), soon=True)
                except (ChildDied, ChildFailed) as failure:
                    yield SlowMail(str(failure))

    def _signed(self, octets: bytes, found: Parsed, *, soon: bool) -> Parsed:
        if isinstance(found, UnreadableMail):
            return found
        signed = self._signatures.read(octets, found, soon=soon)
        return replace(found, signatures=signed) if signed else found

    def _read(self, octets: bytes) -> Parsed:
        try:
            return self._ask({"do": "read"}, octets)
        except (ChildDied, ChildFailed) as failure:
            log.warning("mail_read_plainly", why=str(failure))
        return self._insist({"do": "read_plainly"}, octets)

    def unread(self, octets: bytes, reason: str) -> UnreadableMail:
        """Returns what a child process can show of an unparsable email. May raise MailBomb."""
        found = self._insist({"do": "unread", "reason": reason}, octets)
        if isinstance(found, Mail):
            raise MailBomb("Its child did not do what it was told.")
        return found

    def close(self) -> None:
        """Ends the child processes that parse emails."""
        self._children.close()
        self._hasty.close()
        self._signatures.close()

    def _insist(self, request: Mapping[str, Any], octets: bytes) -> Parsed:
        try:
            return self._ask(request, octets)
        except ChildDied as death:
            raise MailBomb(str(death)) from None
        except ChildFailed as failure:
            if failure.error == MemoryError.__name__:
                raise MailBomb(str(failure)) from None
            raise

    def _ask(self, request: Mapping[str, Any], octets: bytes) -> Parsed:
        return _said(self._children.ask(_ANSWER, request, octets)[0])


def _said(answer: Answer | ChildDied | ChildFailed) -> Parsed:
    if isinstance(answer, ChildDied | ChildFailed):
        raise answer
    if (found := answer.mail or answer.unreadable) is None:
        raise ChildDied("nonsense")
    return found
