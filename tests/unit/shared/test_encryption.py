"""An encrypted file says which key it needs, and nothing in it changes unseen."""

from base64 import b64decode, b64encode
from io import BytesIO

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from hypothesis import given
from hypothesis import strategies as st

from shared.content.encryption import (
    CHUNK,
    BadEncryption,
    ReadingKey,
    WritingKey,
    decrypt,
    read_header,
    rewrap,
)

SECRET = bytes(range(32))
KEY = ReadingKey.parse("2026", b64encode(SECRET).decode())
LATER = ReadingKey.new("2027")
MESSAGE = "Monsieur le préfet,".encode()
STORED = b64decode(
    "iVZHTQ0KGgoBDTIwMjYtZWVkZDg4M2Q70RcOtEN+sxUlCEusTGcW5RLfm6RN7N+6cpORaifPJbGFLAAqpe1DjJXXkmSvm/tE"
    "jDWYGz+PgdC6IU+Jx6rBbf3O8W9jsR51S9QS7WOXbLdrNIBgKrxLUgSFzdB766o67YWq/NHbQWYeUfz7A+a2pCof/g=="
)
"""A file of the first version: whatever comes later must open it."""
HEADER = 8 + 1 + 1 + len("2026-eedd883d") + 80


def opened(octets: bytes, key: ReadingKey = KEY) -> bytes:
    file = BytesIO(octets)
    header = read_header(file)
    assert header is not None
    if header.key_id != key.writing.id:
        raise BadEncryption("another key")
    return b"".join(decrypt(file, key.data_key(header)))


def test_a_file_of_the_first_version_is_opened() -> None:
    assert opened(STORED) == MESSAGE


def test_the_header_stands_as_it_is_described() -> None:
    # 89 VGM CR LF 1A LF, version 1, 13 letters, the name and sha256(public half)[:4]: of the octets
    # 0 to 31 that is 8f40c5ad…, whose hash begins with eedd883d.
    prefix = bytes.fromhex("8956474d0d0a1a0a 01 0d") + b"2026-eedd883d"
    assert STORED.startswith(prefix)
    assert KEY.writing.text == "2026:j0DFrbaPJWJK5bIU6nZ6bslNgp09e14a0bpvPiE4KF8="
    assert len(STORED) == HEADER + len(MESSAGE) + 16


def test_a_file_is_opened_by_the_standards_alone() -> None:
    """Without this program, as somebody may have to one day."""
    octets = KEY.writing.encrypt(b"x" * CHUNK + b"rest")
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
    sealed, prefix = octets[HEADER - 80 : HEADER], octets[: HEADER - 80]
    cipher = AESGCM(suite.decrypt(sealed, X25519PrivateKey.from_private_bytes(SECRET), prefix))
    first, last = octets[HEADER : HEADER + CHUNK + 16], octets[HEADER + CHUNK + 16 :]
    assert cipher.decrypt(bytes(12), first, None) == b"x" * CHUNK
    assert cipher.decrypt(bytes(10) + b"\x01\x01", last, None) == b"rest"


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_octets_of_any_size_come_back(size: int) -> None:
    content = bytes(number % 251 for number in range(size))
    octets = KEY.writing.encrypt(content)
    assert opened(octets) == content
    assert len(octets) == HEADER + size + 16 * max(1, -(-size // CHUNK))


def test_two_files_of_the_same_octets_have_nothing_in_common_but_their_key() -> None:
    one, other = (KEY.writing.encrypt(MESSAGE) for _ in range(2))
    assert one[: HEADER - 80] == other[: HEADER - 80]
    assert all(one[at : at + 8] != other[at : at + 8] for at in range(HEADER - 80, len(one) - 8))


LONG = KEY.writing.encrypt(bytes(2 * CHUNK + 100))
"""Three chunks, of which the last is short."""


@given(st.integers(0, len(LONG) * 8 - 1))
def test_no_bit_changes_unseen(bit: int) -> None:
    changed = bytearray(LONG)
    changed[bit // 8] ^= 1 << bit % 8
    if bit < 8 * 8:
        assert read_header(BytesIO(changed)) is None  # a file in clear, whose hash will not fit
        return
    with pytest.raises(BadEncryption):
        opened(bytes(changed))


@given(st.integers(8, len(LONG) - 1))
def test_no_end_is_cut_off_unseen(length: int) -> None:
    with pytest.raises(BadEncryption):
        opened(LONG[:length])


def test_chunks_are_neither_swapped_nor_repeated_nor_added() -> None:
    size = CHUNK + 16
    head, body = LONG[:HEADER], LONG[HEADER:]
    one, two, three = body[:size], body[size : 2 * size], body[2 * size :]
    for chunks in (
        (two, one, three), (one, three, two), (one, two), (one, three), (one, one, two, three),
        (one, two, three, three), (one, two, three, b"\0"), (three,), (),
    ):  # fmt: skip
        with pytest.raises(BadEncryption):
            opened(head + b"".join(chunks))
    other = KEY.writing.encrypt(bytes(2 * CHUNK + 100))
    with pytest.raises(BadEncryption):
        opened(head + other[HEADER:])


def test_another_key_takes_the_place_and_the_chunks_stay() -> None:
    file = BytesIO(LONG)
    header = read_header(file)
    assert header is not None
    moved = b"".join(rewrap(file, header, KEY, LATER.writing))
    assert opened(moved, LATER) == bytes(2 * CHUNK + 100)
    assert moved[-(len(LONG) - HEADER) :] == LONG[HEADER:]
    with pytest.raises(BadEncryption):
        opened(moved, KEY)


def test_a_public_half_is_read_as_it_is_written() -> None:
    key = WritingKey.parse(LATER.writing.text)
    assert opened(key.encrypt(MESSAGE), LATER) == MESSAGE


@pytest.mark.parametrize("text", ["", "2026", "2026:AAAA", "2026:?", "Year:" + "A" * 43 + "="])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="key"):
        WritingKey.parse(text)
