"""How a mailbox is signed in to: by its password, by another account's, or by an access token.

    password                     LOGIN user password
    password, `signs_in_as`      AUTHENTICATE PLAIN: that account opens the mailbox (RFC 4616)
    token                        AUTHENTICATE XOAUTH2, or OAUTHBEARER (RFC 7628)

A token is the program's, not a person's: what it may open is decided where tokens are given.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from pydantic import SecretStr

from services.ingest.connection import MailboxConnection
from services.ingest.mailbox import AccessRefused, MailFailure, password_variable
from shared.platform.access_tokens import AccessTokens, TokenRefused
from shared.platform.token_settings import TokenMechanism, token_answer


class SignIn(Protocol):
    """The interface that signs in to a mailbox at its IMAP server; all of it may block."""

    def key(self) -> SecretStr:
        """Returns the password or token as it is now. Raises AccessRefused or TemporaryFailure."""
        ...

    def log_in(self, client: MailboxConnection, key: SecretStr) -> None:
        """Signs in on an open connection. Raises LoginError."""
        ...

    def failure(self, mailbox: str, key: SecretStr) -> AccessRefused | MailFailure:
        """Makes the failure to raise after the server refused the password or token `key`.

        MailFailure, to try again soon, where a new token may do; else AccessRefused: wait long.
        """
        ...


@dataclass(frozen=True, slots=True)
class ByPassword:
    """The sign-in by the password of a mailbox, or of the account that opens it (a `SignIn`)."""

    user: str
    latest: Callable[[], SecretStr]
    """Gives the password as it is now: a file may have been written anew."""
    signs_in_as: str | None = None

    def key(self) -> SecretStr:
        """Returns the password as it is now. Raises AccessRefused when it was taken away."""
        return self.latest()

    def log_in(self, client: MailboxConnection, key: SecretStr) -> None:
        """Signs in by LOGIN, or by PLAIN as another account. Raises LoginError."""
        if self.signs_in_as is None:
            client.login(self.user, key.get_secret_value())
        else:
            client.plain_login(self.signs_in_as, key.get_secret_value(), self.user)

    def failure(self, mailbox: str, key: SecretStr) -> AccessRefused:
        """Makes the failure to raise, which names the password's variable; a retry comes late."""
        del key
        who = "`user`" if self.signs_in_as is None else "`user` and `signs_in_as`"
        return AccessRefused(
            f"The server refuses user or password of mailbox {mailbox}: "
            f"check {password_variable(mailbox)} and {who} in mailboxes.yaml."
        )


@dataclass(frozen=True, slots=True)
class ByToken:
    """The sign-in by an OAuth access token, one for all mailboxes that this program may open."""

    user: str
    tokens: AccessTokens
    mechanism: TokenMechanism

    def key(self) -> SecretStr:
        """Returns a valid token. Raises AccessRefused, or TokenServerAway: try again later."""
        try:
            return self.tokens.current()
        except TokenRefused as refusal:
            raise AccessRefused(str(refusal)) from refusal

    def log_in(self, client: MailboxConnection, key: SecretStr) -> None:
        """Signs in by XOAUTH2 or OAUTHBEARER. Raises LoginError."""
        answers = iter([token_answer(self.mechanism, self.user, key)])
        # Who is refused is told why in a challenge, to which nothing is the answer.
        client.sasl_login(self.mechanism, lambda _: next(answers, b""))

    def failure(self, mailbox: str, key: SecretStr) -> AccessRefused | MailFailure:
        """Drops the refused token; returns MailFailure where a new one is worth a try.

        Else AccessRefused, which is retried seldom.
        """
        if self.tokens.drop(key):
            return MailFailure(
                f"The server refuses the token of mailbox {mailbox}, a new one is asked for."
            )
        return AccessRefused(
            f"The server refuses a fresh token for mailbox {mailbox}: give the program of "
            "VAGUEMESTRE_OAUTH_CLIENT_ID the right to open it, and check `user` in mailboxes.yaml, "
            "VAGUEMESTRE_OAUTH_SCOPE and VAGUEMESTRE_OAUTH_MECHANISM."
        )
