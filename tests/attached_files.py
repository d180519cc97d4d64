"""One letter in each file in which people send it: for the tests of what is attached."""

import base64
import io
import struct
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from html import escape

import pikepdf
import typst
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID

from tests.papers import a_letter, as_pdf
from tests.zips import zipped

_PAGE = """
#set text(font: "Libertinus Serif", size: 12pt, lang: "fr")
#for line in sys.inputs.text.split("\\n") { parbreak(); line }
"""
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_O = "urn:oasis:names:tc:opendocument:xmlns"
_S = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def docx(text: str) -> bytes:
    """A Word document; each word in a run of its own, as editing leaves them."""
    paragraphs = "".join(
        "<w:p>"
        + "".join(f'<w:r><w:t xml:space="preserve">{escape(w)} </w:t></w:r>' for w in line.split())
        + "</w:p>"
        for line in text.split("\n")
    )
    document = f'<w:document xmlns:w="{_W}"><w:body>{paragraphs}</w:body></w:document>'
    return zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": document.encode()})


def odt(text: str) -> bytes:
    """An OpenDocument text."""
    paragraphs = "".join(f"<t:p>{escape(line)}</t:p>" for line in text.split("\n"))
    content = (
        f'<o:document-content xmlns:o="{_O}:office:1.0" xmlns:t="{_O}:text:1.0">'
        f"<o:body><o:text>{paragraphs}</o:text></o:body></o:document-content>"
    )
    kind = b"application/vnd.oasis.opendocument.text"
    return zipped({"mimetype": kind, "content.xml": content.encode()})


def xlsx(text: str) -> bytes:
    """An Excel workbook with one line in each cell."""
    cells = "".join(f"<si><t>{escape(line)}</t></si>" for line in text.split("\n"))
    strings = f'<sst xmlns="{_S}">{cells}</sst>'
    return zipped({"xl/workbook.xml": b"<workbook/>", "xl/sharedStrings.xml": strings.encode()})


def rtf(text: str) -> bytes:
    """RTF with its letters beyond ASCII by number."""
    body = "".join(
        "\\par " if letter == "\n" else letter if letter < "\x80" else f"\\u{ord(letter)}?"
        for letter in text
    )
    return rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}\f0 " + body.encode() + b"}"


def pdf(text: str) -> bytes:
    """A PDF with a text layer."""
    return bytes(typst.compile(_PAGE.encode(), ignore_system_fonts=True, sys_inputs={"text": text}))


def outlines(seen: str, said: str) -> bytes:
    """A PDF that shows one text, its letters drawn as outlines, and says another in white."""
    drawn = typst.compile(
        _PAGE.encode(), ignore_system_fonts=True, sys_inputs={"text": seen}, format="svg"
    )
    page = """
#set page(margin: 0mm)
#image(bytes(sys.inputs.drawn), format: "svg", width: 100%)
#place(top + left, dx: 20mm, dy: 200mm, text(fill: white, sys.inputs.said))
"""
    given = {"drawn": bytes(drawn).decode(), "said": said}
    return bytes(typst.compile(page.encode(), ignore_system_fonts=True, sys_inputs=given))


def scan(text: str) -> bytes:
    """A PDF of which the page is a picture."""
    return as_pdf([a_letter(text)])


def photo(text: str) -> bytes:
    """A JPEG of the page."""
    out = io.BytesIO()
    a_letter(text, dpi=200).convert("RGB").save(out, "JPEG", quality=85)
    return out.getvalue()


def locked(text: str) -> bytes:
    """A PDF that asks for a password."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf(text))) as document:
        document.save(out, encryption=pikepdf.Encryption(owner="o", user="u"))
    return out.getvalue()


def eml(text: str, *files: tuple[str, bytes]) -> bytes:
    """A mail with its own attachments, as one that is forwarded."""
    inner = EmailMessage()
    inner["From"] = "Jeanne Petit <jeanne.petit@exemple.example>"
    inner["Subject"] = "Ma lettre"
    inner.set_content(text)
    for name, content in files:
        inner.add_attachment(content, "application", "octet-stream", filename=name)
    return inner.as_bytes()


def tnef(text: str, *files: tuple[str, bytes]) -> bytes:
    """A winmail.dat with the body as text and files."""
    attributes = [(0x02, 0x0002800C, text.encode("cp1252") + b"\0")]
    for name, content in files:
        attributes += [
            (0x02, 0x00018010, name.encode("cp1252") + b"\0"),
            (0x02, 0x0006800F, content),
        ]
    return b"\x78\x9f\x3e\x22\x01\x00" + b"".join(
        bytes((level,)) + struct.pack("<II", kind, len(value)) + value
        + struct.pack("<H", sum(value) & 0xFFFF)
        for level, kind, value in attributes
    )  # fmt: skip


def signed(text: str) -> bytes:
    """An opaque S/MIME envelope around a text."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Jeanne Petit")])
    begins = datetime(2026, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=365))
        .sign(key, hashes.SHA256())
    )
    inner = EmailMessage()
    inner.set_content(text)
    return (
        pkcs7.PKCS7SignatureBuilder()
        .set_data(inner.as_bytes())
        .add_signer(certificate, key, hashes.SHA256())
        .sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])
    )


def part(name: str, content: bytes, media_type: str = "application/octet-stream") -> str:
    """A MIME part with a file, for `ingest_builders.a_multipart`."""
    encoded = base64.encodebytes(content).decode().replace("\n", "\r\n")
    return (
        f'Content-Type: {media_type}; name="{name}"\r\n'
        f'Content-Disposition: attachment; filename="{name}"\r\n'
        f"Content-Transfer-Encoding: base64\r\n\r\n{encoded}"
    )


def body(text: str) -> str:
    """A MIME part with what the sender wrote in the mail itself."""
    return f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}"
