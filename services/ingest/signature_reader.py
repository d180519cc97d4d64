"""The door to a mail's signature: a child process looks at it, for mails that declare one alone.

Who signed is shown and never judged; a mail whose signature ends the child is a mail with a
signature that nobody could read.
"""

from dataclasses import replace
from pathlib import Path

from pydantic import TypeAdapter

from services.ingest.domain.mail import Mail
from shared.content.plis import Signature
from shared.errors import PermanentFailure
from shared.platform.children import ChildDied, ChildFailed, ChildLimits, Children
from shared.platform.observability.logs import Log

PROGRAM = "services.ingest.signature_child"
ALLOWANCE = ChildLimits(seconds=3, patience=60, memory=1_500_000_000)
SOON = replace(ALLOWANCE, seconds=0.4, memory=600_000_000)
_ANSWER: TypeAdapter[tuple[Signature, ...]] = TypeAdapter(tuple[Signature, ...])
_OPAQUE = ("application/pkcs7-mime", "application/x-pkcs7-mime")

log = Log("signatures")


class SignatureReader:
    """The reader of S/MIME signatures: finds who signed a mail, in sandboxed child processes."""

    def __init__(self, roots: str = "", children: Children | None = None) -> None:
        """Starts no process yet; `roots`: certificates (PEM) of the authorities that are known."""
        self._roots = roots
        self._children = children or Children(PROGRAM, ALLOWANCE, most=1)
        self._hasty = children or Children(PROGRAM, SOON, most=1)

    def read(self, octets: bytes, mail: Mail, *, soon: bool = False) -> tuple[Signature, ...]:
        """Returns who signed a mail; empty for one that declares no signature. Blocks.

        Raises:
            ChildDied: with `soon`, it takes longer than 0.4 seconds, or ends its reader.
            ChildFailed: with `soon`, its reader fails, maybe for want of memory.
            TemporaryFailure: no process can be started that looks at it.
        """
        if not declares_signature(mail):
            return ()
        sender = mail.sender.address
        request = {"do": "signatures", "roots": self._roots, "sender": sender}
        children = self._hasty if soon else self._children
        try:
            return children.ask(_ANSWER, request, octets)[0]
        except (ChildDied, ChildFailed) as failure:
            if soon:
                raise
            log.warning("signature_unread", why=str(failure))
            return (Signature(),)

    def close(self) -> None:
        """Ends the child processes that look at signatures."""
        self._children.close()
        self._hasty.close()


def declares_signature(mail: Mail) -> bool:
    """Whether a mail says that it is signed as a whole by S/MIME, in clear or opaque."""
    declared = mail.first("content-type")
    if declared.startswith("multipart/signed"):
        return any(file.media_type.endswith("pkcs7-signature") for file in mail.attachments)
    return declared.startswith(_OPAQUE)


def roots_in(path: Path | None) -> str:
    """Reads the certificates (PEM) of known authorities from a file; "" without one.

    What stands between them, such as names in whatever encoding, is left out.

    Raises PermanentFailure when the file can't be read, holds no certificate or a damaged one.
    """
    if path is None:
        return ""
    from cryptography import x509  # noqa: PLC0415  (1 MB, for those who name authorities)
    from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415  (as above)

    try:
        pem = path.read_bytes()
    except OSError as error:
        raise PermanentFailure(
            f"{path} can't be read ({type(error).__name__}): check VAGUEMESTRE_SMIME_ROOTS."
        ) from error
    if b"-----BEGIN CERTIFICATE-----" not in pem:
        raise PermanentFailure(f"{path} holds no certificate (PEM): check VAGUEMESTRE_SMIME_ROOTS.")
    try:
        found = x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        raise PermanentFailure(
            f"{path} holds a damaged certificate (PEM): check VAGUEMESTRE_SMIME_ROOTS."
        ) from error
    return "".join(known.public_bytes(Encoding.PEM).decode("ascii") for known in found)
