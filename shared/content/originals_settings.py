"""The variables of whoever reads or writes originals: their folder, and the keys of its files."""

from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, SecretStr

from shared.content.blobs import Blobs, LocalBlobs
from shared.content.keyring import IN_CLEAR, Keyring
from shared.platform.settings import ProcessSettings


def _is_a_keyring(value: SecretStr) -> SecretStr:
    Keyring.parse(value.get_secret_value())
    return value


class KeyringSettings(ProcessSettings):
    """The settings of a process that opens encrypted files of the site."""

    keyring: Annotated[SecretStr, AfterValidator(_is_a_keyring)] | None = None
    """The keys of files (JSON, made by `vaguemestre keys`); none: files lie in clear."""

    @cached_property
    def keys(self) -> Keyring:
        """The site's encryption keys, parsed; an empty keyring where none is configured."""
        return IN_CLEAR if self.keyring is None else Keyring.parse(self.keyring.get_secret_value())


class OriginalsSettings(KeyringSettings):
    """The settings of a process that reads or writes originals and plis."""

    blobs: Path
    """Folder of originals and plis."""

    @property
    def originals(self) -> Blobs:
        """The blob store in the configured folder, which encrypts with the configured keys."""
        return LocalBlobs(self.blobs, self.keys)
