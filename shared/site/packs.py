"""Packs: rules and letters that many sites lay below their own, in one signed file.

A pack is a JSON document: its name and version, files as a site's folder has them, and an Ed25519
signature (RFC 8032) over all of that. Who is a site (site.yaml), its people, services, mailboxes,
roles and places are never in a pack. A site says in `pack.yaml` which file it takes and whose
signature it believes; a pack that anybody changed is not read.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from shared.errors import PermanentFailure
from shared.values import CODE

TABLES = frozenset(
    {
        "calendar.yaml", "commitments.yaml", "events.yaml", "labels.yaml", "notices.yaml",
        "quality.yaml", "regimes.yaml", "routing.yaml", "survey.yaml", "website.yaml",
    }
)  # fmt: skip
"""Tables that a pack may hold."""
_FILES = re.compile(r"templates/(?:[a-z]{2}/)?[A-Za-z0-9_.-]{1,80}\.j2|letters/[a-z0-9-]{1,80}\.md")
_NAME = re.compile(CODE)
LARGEST = 4_000_000
FORMAT = "vaguemestre-pack-1"


class BadPack(PermanentFailure):
    """Raised for a pack that is not as its maker signed it, or holds what a pack may not hold."""


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack whose signature was verified: the files of a site's folder that it gives."""

    name: str
    version: int
    files: Mapping[str, str]
    """By path in a site's folder, such as `regimes.yaml` or `templates/reply.txt.j2`."""
    key: str
    """The public key that signed it, in base64."""
    digest: str
    """The SHA-256 of its content, in hexadecimal."""


def new_key() -> tuple[str, str]:
    """Makes a key pair for signing packs; returns the private key as PEM, the public as base64."""
    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem.decode("ascii"), _public_text(private)


def make(folder: Path, name: str, version: int, pem: bytes) -> bytes:
    """Packs a folder's tables, templates and letters, and signs them; returns the pack's octets.

    Raises:
        BadPack: the folder has another file than a pack may hold, or none; the name is no code; the
            key is no Ed25519 key as PEM.
    """
    if not _NAME.fullmatch(name) or version < 1:
        raise BadPack(f"'{name}' {version}: a short lower-case name, and a version from 1 on.")
    try:
        private = load_pem_private_key(pem, None)
    except (ValueError, TypeError) as error:
        raise BadPack(f"The key can not be read: {error}") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise BadPack("The key is no Ed25519 key: `vaguemestre site pack key` makes one.")
    files = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        inside = path.relative_to(folder).as_posix()
        try:
            files[inside] = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise BadPack(f"{path} can not be read as text: {error}") from error
    if not files:
        raise BadPack(f"{folder} has no file.")
    _check_names(files)
    content = {"format": FORMAT, "name": name, "version": version, "files": files}
    octets = _canonical(content)
    signed = {
        **content,
        "key": _public_text(private),
        "signature": base64.b64encode(private.sign(octets)).decode("ascii"),
    }
    return orjson.dumps(signed, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2) + b"\n"


def read(octets: bytes, believed: frozenset[str]) -> Pack:
    """Reads a pack that one of the believed public keys (base64) has signed.

    Raises:
        BadPack: it is too large or no pack, is signed by nobody who is believed, was changed after
            its signature, or holds what a pack may not hold.
    """
    if len(octets) > LARGEST:
        raise BadPack(f"A pack has at most {LARGEST} octets, this one {len(octets)}.")
    try:
        said = orjson.loads(octets)
        content = {name: said[name] for name in ("format", "name", "version", "files")}
        key, signature = str(said["key"]), base64.b64decode(said["signature"], validate=True)
    except (ValueError, KeyError, TypeError) as error:
        raise BadPack("This is no pack.") from error
    if content["format"] != FORMAT:
        raise BadPack(f"A pack of the form {content['format']}, which this program does not know.")
    if key not in believed:
        raise BadPack(f"Signed by the key {key}, which is not among those that pack.yaml believes.")
    try:
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key, validate=True))
        public.verify(signature, _canonical(content))
    except (InvalidSignature, ValueError, TypeError) as error:
        raise BadPack("Its content is not what its maker signed: fetch it again.") from error
    return _believed(content, key)


def _believed(content: Mapping[str, object], key: str) -> Pack:
    name, version, files = content["name"], content["version"], content["files"]
    if (
        not isinstance(name, str)
        or not _NAME.fullmatch(name)
        or type(version) is not int
        or version < 1
        or not isinstance(files, dict)
        or not all(isinstance(text, str) for text in files.values())
    ):
        raise BadPack("This is no pack.")
    _check_names(files)
    return Pack(name, version, files, key, hashlib.sha256(_canonical(content)).hexdigest())


def _check_names(files: Mapping[str, str]) -> None:
    """Raises BadPack for a file that a pack may not hold."""
    for name in files:
        if name not in TABLES and not _FILES.fullmatch(name):
            raise BadPack(
                f"{name} is no file of a pack: it holds {', '.join(sorted(TABLES))}, "
                "templates/….j2 and letters/….md. Who a site is stays in its own folder."
            )


def _canonical(content: Mapping[str, object]) -> bytes:
    try:
        return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    except TypeError as error:
        raise BadPack("This is no pack.") from error


def _public_text(private: Ed25519PrivateKey) -> str:
    octets = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return base64.b64encode(octets).decode("ascii")
