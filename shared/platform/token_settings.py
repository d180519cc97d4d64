"""The variables of whoever signs in at mail servers by tokens instead of passwords."""

from collections.abc import Mapping
from functools import cached_property
from typing import Literal

from pydantic import Field, SecretStr

from shared.errors import PermanentFailure
from shared.platform import secret_files
from shared.platform.access_tokens import TOKENS, ClientCredentials, TokenServer, TokenServerAway
from shared.platform.observability.health import HealthCheck
from shared.platform.settings import PREFIX, Settings

TokenMechanism = Literal["XOAUTH2", "OAUTHBEARER"]


class TokenSettings(Settings):
    """The settings of a process that may sign in at mail servers by tokens (OAuth 2.0)."""

    oauth_token_url: str | None = Field(default=None, pattern=r"^https?://[^\s/?#]+[^\s#]*$")
    """Where tokens are asked for, by https; none: every mailbox has a password."""
    oauth_client_id: str | None = None
    oauth_client_secret: SecretStr | None = None
    oauth_scope: str = ""
    oauth_header: bool = False
    """Whether id and secret are sent in the header, as some servers want, instead of the form."""
    oauth_mechanism: TokenMechanism = "XOAUTH2"
    """The word by which the mail servers take a token."""

    @cached_property
    def tokens(self) -> ClientCredentials | None:
        """The access tokens that all mailboxes of this process share; `None`: it has none set up.

        Raises PermanentFailure when the address is given without the client's id and secret.
        """
        if self.oauth_token_url is None:
            return None
        self._client_secret()
        if self.oauth_client_id is None:
            raise PermanentFailure(f"{PREFIX}OAUTH_CLIENT_ID is not set: it names this program.")
        return ClientCredentials(
            TokenServer(
                url=self.oauth_token_url,
                client_id=self.oauth_client_id,
                secret=self._secret_now,
                scope=self.oauth_scope,
                header=self.oauth_header,
            )
        )

    @property
    def token_checks(self) -> Mapping[str, HealthCheck]:
        """The health check of the token server; none where every mailbox has a password."""
        return {} if self.tokens is None else {TOKENS: self.tokens.check}

    def _client_secret(self) -> SecretStr:
        variable = f"{PREFIX}OAUTH_CLIENT_SECRET"
        if (given := secret_files.value_of(variable)) is not None:
            return SecretStr(given)
        if self.oauth_client_secret is None:
            raise PermanentFailure(f"{variable} is not set: the token server asks for it.")
        return self.oauth_client_secret

    def _secret_now(self) -> SecretStr:
        """A file that was written anew holds at the next question."""
        try:
            return self._client_secret()
        except PermanentFailure as failure:  # it is being exchanged, or was taken away
            raise TokenServerAway(str(failure)) from failure


def token_answer(mechanism: TokenMechanism, user: str, token: SecretStr) -> bytes:
    """Returns the SASL response by which `user` signs in with a token, not yet in base64."""
    bearer = f"auth=Bearer {token.get_secret_value()}\1\1"
    match mechanism:
        case "XOAUTH2":
            return f"user={user}\1{bearer}".encode()
        case "OAUTHBEARER":
            name = user.replace("=", "=3D").replace(",", "=2C")
            return f"n,a={name},\1{bearer}".encode()
