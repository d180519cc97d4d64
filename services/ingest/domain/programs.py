"""A program is known by its first octets, whatever its name and its declared type say."""

PROGRAM = "application/x-executable"
"""The media type under which a program is listed, whatever letter it pretends to be."""

_BEGINNINGS = (
    b"MZ",  # Windows: exe, dll, scr, cpl
    b"\x7fELF",
    b"\xfe\xed\xfa\xce",  # macOS, either order of octets and size of word
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"#!",
    b"L\x00\x00\x00\x01\x14\x02\x00",  # a Windows shortcut, which runs what it names
)


def is_program(octets: bytes) -> bool:
    """Whether these octets are an executable program, by their beginning."""
    return octets.startswith(_BEGINNINGS)
