"""An iCalendar file, octet by octet as RFC 5545 wants it."""

from datetime import date

from shared.content.icalendar import CalendarEvent, Method, icalendar

AUDIT = CalendarEvent(
    "audit-interne-step-2023-09-15@indre.vaguemestre",
    date(2023, 12, 31),
    "Label : audit, interne; n° 1",
    "À tenir.",
)


def test_an_event_is_a_whole_day_with_its_words_escaped() -> None:
    assert icalendar([AUDIT], date(2022, 6, 15)).decode() == (
        "BEGIN:VCALENDAR\r\n"
        "VERSION:2.0\r\n"
        "PRODID:-//Vaguemestre//Label//FR\r\n"
        "BEGIN:VEVENT\r\n"
        "UID:audit-interne-step-2023-09-15@indre.vaguemestre\r\n"
        "DTSTAMP:20220615T000000Z\r\n"
        "DTSTART;VALUE=DATE:20231231\r\n"
        "DTEND;VALUE=DATE:20240101\r\n"
        "SUMMARY:Label : audit\\, interne\\; n° 1\r\n"
        "DESCRIPTION:À tenir.\r\n"
        "TRANSP:TRANSPARENT\r\n"
        "END:VEVENT\r\n"
        "END:VCALENDAR\r\n"
    )


def test_a_long_line_is_folded_at_75_octets_and_no_letter_is_cut() -> None:
    long = CalendarEvent("u", date(2023, 1, 1), "é" * 100, "")
    text = icalendar([long], date(2022, 6, 15))
    assert max(len(line) for line in text.split(b"\r\n")) <= 75
    assert "é" * 100 in text.decode().replace("\r\n ", "")


def test_an_event_that_moved_has_its_sequence_and_a_bare_return_is_a_line() -> None:
    moved = CalendarEvent("u", date(2023, 1, 1), "t", "x\r\ny", place="Salle\rA", sequence=2)
    lines = icalendar([moved], date(2022, 6, 15)).decode().split("\r\n")
    assert "SEQUENCE:2" in lines
    assert "LOCATION:Salle\\nA" in lines
    assert "DESCRIPTION:x\\ny" in lines
    assert not any(line.startswith("SEQUENCE") for line in _lines(AUDIT))


def _lines(event: CalendarEvent) -> list[str]:
    return icalendar([event], date(2022, 6, 15)).decode().split("\r\n")


def test_what_a_mail_brings_says_how_it_is_taken_and_who_sends_it() -> None:
    """RFC 5546 §3.2.1 and §3.2.5: METHOD, and an ORGANIZER in each event."""
    called = CalendarEvent("u", date(2023, 1, 1), "t", "x", organizer="prefecture@indre.example")
    text = icalendar([called], date(2022, 6, 15), method=Method.PUBLISH).decode()
    assert "VERSION:2.0\r\nPRODID:-//Vaguemestre//Label//FR\r\nMETHOD:PUBLISH\r\n" in text
    assert "\r\nORGANIZER:mailto:prefecture@indre.example\r\n" in text
    assert not any(line.startswith(("METHOD", "ORGANIZER")) for line in _lines(AUDIT))
