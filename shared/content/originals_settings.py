"""The variables of whoever reads or writes originals: their folder or bucket, and the keys.

Without `VAGUEMESTRE_BUCKET` originals lie in a folder, and nothing of a bucket is imported.
"""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import AfterValidator, Field, SecretStr

from shared.content.blob_files import BlobFiles, FolderFiles
from shared.content.blobs import Blobs, LocalBlobs
from shared.content.keyring import IN_CLEAR, Keyring
from shared.errors import PermanentFailure
from shared.platform.disk_space import why_full
from shared.platform.observability.health import HealthCheck, State, Well, room
from shared.platform.settings import PREFIX, ProcessSettings

if TYPE_CHECKING:
    from shared.content.bucket import BucketBlobs

_ENDPOINT: Final = r"^https?://[^/?#@\s]+/?$"


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


class BucketSettings(KeyringSettings):
    """The settings of a process that may read or write originals in a bucket (S3)."""

    bucket: str | None = Field(default=None, pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")
    """The bucket of originals and plis; none: they lie in the folder `BLOBS` alone."""
    bucket_endpoint: str = Field(default="", pattern=rf"{_ENDPOINT}|^$")
    """Where the bucket's server answers, `https://s3.example.fr:9000`."""
    bucket_region: str = Field(default="us-east-1", pattern=r"^[a-z0-9-]{1,40}$")
    bucket_prefix: str = Field(default="", pattern=r"^([A-Za-z0-9._-]+/)*$")
    """Before the name of each object, with `/` at its end; for several préfectures of a bucket."""
    bucket_key: str = Field(default="", pattern=r"^[^\s]*$")
    """The id of the access key."""
    bucket_secret: SecretStr = SecretStr("")
    bucket_ca: Path | None = None
    """PEM file of who signed the server's certificate; none: those that the machine trusts."""
    bucket_open: bool = False
    """Said aloud: the network to the bucket is trusted, and originals may cross it in clear."""

    @cached_property
    def bucket_blobs(self) -> "BucketBlobs | None":
        """The blob store in the configured bucket; raises as `bucket_by` does."""
        return self.bucket_by(self.keys)

    def bucket_by(self, keyring: Keyring) -> "BucketBlobs | None":
        """Returns the blob store in the configured bucket by this keyring; `None`: there is none.

        Raises PermanentFailure: a variable is missing, the endpoint is not TLS, or the file of
        authorities can't be read.
        """
        if self.bucket is None:
            return None
        for name, value in (
            ("ENDPOINT", self.bucket_endpoint),
            ("KEY", self.bucket_key),
            ("SECRET", self.bucket_secret.get_secret_value()),
        ):
            if not value:
                raise PermanentFailure(f"{PREFIX}BUCKET is set: set {PREFIX}BUCKET_{name} too.")
        if not self.bucket_endpoint.startswith("https://") and not self.bucket_open:
            raise PermanentFailure(
                f"{PREFIX}BUCKET_ENDPOINT is not https, and originals would cross the network in"
                f" clear: give an address with https, or set {PREFIX}BUCKET_OPEN=true where the"
                " network is trusted."
            )
        from shared.content.bucket import BucketAddress, BucketBlobs  # noqa: PLC0415  (loaded only where there is a bucket)

        address = BucketAddress(
            endpoint=self.bucket_endpoint.rstrip("/"),
            name=self.bucket,
            key=self.bucket_key,
            secret=self.bucket_secret.get_secret_value(),
            region=self.bucket_region,
            prefix=self.bucket_prefix,
            authorities=_octets(self.bucket_ca),
        )
        return BucketBlobs(address, keyring)

    @property
    def bucket_checks(self) -> dict[str, HealthCheck]:
        """The health check of the bucket, where there is one."""
        found = self.bucket_blobs
        if found is None:
            return {}

        async def look() -> State:
            await found.answers()
            return Well()

        return {"bucket": look}

    def files_in(self, folder: Path) -> BlobFiles:
        """Returns the files of the blob store by name: the folder's, and a bucket's."""
        former, bucket = FolderFiles(folder), self.bucket_blobs
        if bucket is None:
            return former
        from shared.content.blob_handover import HandoverFiles  # noqa: PLC0415  (loaded only where there is a bucket)

        return HandoverFiles(bucket, former)

    def blobs_in(self, folder: Path) -> Blobs:
        """Returns the blob store: the bucket, and behind it the folder that it takes over from.

        Without a bucket it is the folder. Raises PermanentFailure as `bucket_blobs` does.
        """
        former, bucket = LocalBlobs(folder, self.keys), self.bucket_blobs
        if bucket is None:
            return former
        from shared.content.blob_handover import BlobHandover  # noqa: PLC0415  (loaded only where there is a bucket)

        return BlobHandover(bucket, former)


class OriginalsSettings(BucketSettings):
    """The settings of a process that reads or writes originals and plis."""

    blobs: Path
    """Folder of originals and plis; beside a bucket, of those that it has not taken over yet."""

    @cached_property
    def originals(self) -> Blobs:
        """The configured blob store, in the folder or a bucket, which encrypts with the keys.

        Raises PermanentFailure: what is said of the bucket is incomplete.
        """
        return self.blobs_in(self.blobs)

    @property
    def written_folders(self) -> dict[str, Path]:
        """The folder in which originals are written, as `blobs`; none where there is a bucket."""
        return {"blobs": self.blobs} if self.bucket is None else {}

    def lacks_room(self) -> str | None:
        """Returns why no original may be written on this machine's disk now; `None`: it may.

        Blocks the calling thread.
        """
        whys = (why_full(path, self.free_floor) for path in self.written_folders.values())
        return next(filter(None, whys), None)

    def room_checks(self, *folders: Path) -> dict[str, HealthCheck]:
        """Makes the health checks that what is taken in has room: the disks, and the bucket."""
        written = self.written_folders.values()
        return {"room": room(self.free_floor, *folders, *written), **self.bucket_checks}


def _octets(authorities: Path | None) -> bytes | None:
    if authorities is None:
        return None
    try:
        return authorities.read_bytes()
    except OSError as error:
        raise PermanentFailure(f"{PREFIX}BUCKET_CA: {authorities} can't be read.") from error
