"""The variables of ingest's door of deposits; without `VAGUEMESTRE_DEPOSITS_SECRETS` it is shut."""

import ssl
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from shared.content.deposit_transfer import LEAST_SECRET, Depositor
from shared.content.originals_settings import KeyringSettings
from shared.errors import PermanentFailure
from shared.platform.settings import PREFIX
from shared.web.guards import is_loopback

Secrets = dict[Depositor, list[SecretStr]]


def _are_long(value: Secrets) -> Secrets:
    for name, secrets in value.items():
        for secret in secrets:
            if len(secret.get_secret_value()) < LEAST_SECRET:
                raise ValueError(f"a secret of {name} has less than {LEAST_SECRET} characters")
    said = [secret.get_secret_value() for secrets in value.values() for secret in secrets]
    if len(set(said)) < len(said):
        raise ValueError("one secret stands there twice")
    return value


class DepositDoorSettings(KeyringSettings):
    """The settings of ingest's door of deposits over HTTP."""

    spool: Path
    deposits_secrets: Annotated[Secrets, AfterValidator(_are_long)] = Field(
        default_factory=dict, json_schema_extra={"secret": True}
    )
    """Who may deposit by HTTP, `{"portal": ["…"], "desk": ["…"]}`; two values hold at once while
    one takes the other's place; none: there is no door."""
    deposits_host: str = "127.0.0.1"
    deposits_port: int = Field(default=0, ge=0, le=65535)
    """Where the door answers; 0 takes a free port, which the log then names."""
    deposits_certificate: Path | None = None
    deposits_key: Path | None = None
    """PEM files of the door's certificate (with its chain) and key; none: a proxy has them."""
    deposits_open: bool = False
    """Said aloud: the network to the door is trusted, and deposits may cross it in clear."""

    @property
    def secrets(self) -> Mapping[Depositor, Sequence[str]]:
        """The secrets of who may deposit, in clear."""
        return {
            name: [secret.get_secret_value() for secret in secrets]
            for name, secrets in self.deposits_secrets.items()
        }

    def door_certificate(self) -> ssl.SSLContext | None:
        """Returns how the door answers by TLS; `None`: a proxy does, or the network is trusted.

        Raises PermanentFailure: it would be read on its way, or its certificate can't be read.
        """
        found = self._certificate()
        if found is None and not is_loopback(self.deposits_host) and not self.deposits_open:
            raise PermanentFailure(
                f"Deposits would be read on their way to {self.deposits_host}: set"
                f" {PREFIX}DEPOSITS_CERTIFICATE and {PREFIX}DEPOSITS_KEY, or"
                f" {PREFIX}DEPOSITS_OPEN=true where the network before the door is trusted."
            )
        return found

    def _certificate(self) -> ssl.SSLContext | None:
        if self.deposits_certificate is None and self.deposits_key is None:
            return None
        if self.deposits_certificate is None or self.deposits_key is None:
            raise PermanentFailure(
                f"Set {PREFIX}DEPOSITS_CERTIFICATE and {PREFIX}DEPOSITS_KEY, or none of both."
            )
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        try:
            context.load_cert_chain(self.deposits_certificate, self.deposits_key)
        except (OSError, ssl.SSLError) as error:
            raise PermanentFailure(
                f"{PREFIX}DEPOSITS_CERTIFICATE and {PREFIX}DEPOSITS_KEY can't be read, or are no"
                f" pair: {self.deposits_certificate}, {self.deposits_key}."
            ) from error
        return context
