"""`sla explain` proves what it says: an auditor redoes it by hand from the printed sheet alone."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from services.sla.domain.explain import jours_ouvres
from services.sla.domain.rules import Rulebook
from shared.calendar.territories import Closure
from shared.facts.envelope import Chrono
from shared.facts.items.corrections import ItemAbsorbed, ReceiptCorrected
from shared.facts.items.pieces import PiecesReceived, PiecesRequested
from shared.facts.items.routing import ItemReclassified, RegimeConfirmed, ReminderAnswered
from shared.facts.vocabulary import Channel, ClockName, RegimeStart
from tests.unit.sla.builders import (
    AGENT,
    CHECKED,
    OTHER,
    Register,
    a_class,
    may,
    paris,
    received,
    rules,
)
from tests.unit.sla.printed import printed, said, section


def a_very_late_reply() -> Register:
    """Of 11 May, due on 19 May; pieces asked on 12 and 13 May, received on 21; 17 June, replied."""
    register = Register()
    register.registered(paris(11), agent=AGENT)
    register.says(PiecesRequested, paris(12), until=may(22), by="person:a.gent")
    register.says(PiecesRequested, paris(13), until=may(29), by="person:o.ther")
    register.says(PiecesReceived, paris(21), by="person:c.ourrier")
    register.replied(paris(17, month=6))
    return register


DAYS = re.compile(r"(?:late )?day (\d+)(?:-(\d+))? +\w+ ([\d-]+)(?: to \w+ ([\d-]+))?$")
SKIPPED = re.compile(r"skipped +\w+ ([\d-]+) +(.+)$")
WAITED = re.compile(r"waited +\w+ ([\d-]+) to \w+ ([\d-]+) .*: (\d+) jours? ouvrés? off")


def each_day(lines: Sequence[str]) -> Iterator[tuple[date, int | None]]:
    """Each calendar day that the sheet prints, with its number, or None when it is skipped."""
    for line in (line.strip() for line in lines):
        if (match := DAYS.match(line)) and match[1] != "0":
            first, since = int(match[1]), date.fromisoformat(match[3])
            last = int(match[2] or match[1])
            for n in range(last - first + 1):
                yield since + timedelta(days=n), first + n
            assert since + timedelta(days=last - first) == date.fromisoformat(match[4] or match[3])
        elif match := SKIPPED.match(line):
            yield date.fromisoformat(match[1]), None


def test_raw_and_net_are_recounted_from_the_printed_sheet_alone() -> None:
    lines = section(printed(a_very_late_reply(), paris(18, month=6)), "reply")
    zero = date.fromisoformat(said(lines, "day 0")[0].split()[-1])
    days = list(each_day(lines))
    # Every calendar day after day 0 stands there once, in order, and the numbers have no gap.
    assert [day for day, _ in days] == [zero + timedelta(days=n) for n in range(1, len(days) + 1)]
    numbers = [number for _, number in days if number is not None]
    assert numbers == list(range(1, len(numbers) + 1))
    stop = said(lines, "result")[0]
    assert stop.startswith("result    late Wed 2026-06-17 by ReplySent")
    assert days[-1][0] == date(2026, 6, 17)
    raw = numbers[-1]
    off = 0
    for line in said(lines, "waited"):
        match = WAITED.match(line)
        assert match
        since, until = map(date.fromisoformat, match.groups()[:2])
        waited = [day for day, number in days if number is not None and since < day <= until]
        assert len(waited) == int(match[3])
        off += len(waited)
    # By hand: 12, 13, 15, 18–22, 26–29 May are 12, 1–5 June 17, 8–12 June 22, 15–17 June 25;
    # waited 13, 15, 18, 19, 20, 21 May.
    assert (raw, off) == (25, 6)
    assert stop.endswith(f"raw {raw} jours ouvrés, net {raw - off} ({raw} - {off} waited)")


def test_a_wait_names_who_asked_who_received_and_when() -> None:
    lines = section(printed(a_very_late_reply(), paris(18, month=6)), "reply")
    assert said(lines, "waited") == [
        (
            "waited    Tue 2026-05-12 to Thu 2026-05-21 for pieces"
            " (asked no. 2 PiecesRequested by person:a.gent at 2026-05-12 10:00;"
            " received no. 4 PiecesReceived by person:c.ourrier at 2026-05-21 10:00):"
            " 6 jours ouvrés off the net delay"
        )
    ]


def test_what_runs_past_its_limit_shows_each_day_until_this_one() -> None:
    register = Register()
    register.registered(paris(11), agent=AGENT)
    lines = section(printed(register, paris(26)), "reply")
    assert said(lines, "late day") == [
        "late day 6-8 Wed 2026-05-20 to Fri 2026-05-22", "late day 9 Tue 2026-05-26",
    ]  # fmt: skip
    assert said(lines, "skipped")[-1] == "skipped   Mon 2026-05-25  lundi de Pentecôte"
    assert said(lines, "result") == ["result    runs"]


def test_a_reply_on_a_day_off_says_as_which_day_it_counts() -> None:
    register = Register()
    register.registered(paris(11), agent=AGENT)
    register.replied(paris(23))
    [result] = said(section(printed(register, paris(24)), "reply"), "result")
    assert result == (
        "result    late Sat 2026-05-23 by ReplySent, a day off, counts as Tue 2026-05-26:"
        " raw 9 jours ouvrés, net 9"
    )


def test_one_jour_ouvre_is_singular() -> None:
    assert [jours_ouvres(n) for n in (0, 1, 2)] == [
        "0 jour ouvré", "1 jour ouvré", "2 jours ouvrés",
    ]  # fmt: skip
    register = Register()
    register.registered(paris(11), agent=AGENT)
    register.replied(paris(12))
    lines = printed(register, paris(12, 11))
    assert section(lines, "receipt")[0].startswith("receipt: 1 jour ouvré (")
    [result] = said(section(lines, "reply"), "result")
    assert result.endswith("raw 1 jour ouvré, net 1")
    assert not any("1 jours" in line for line in lines)


def test_a_rung_says_from_which_day_it_moved_by_what_and_whom() -> None:
    register = Register()
    register.registered(paris(11), agent=AGENT)
    register.assigned(paris(19), OTHER, by="person:chef")
    register.says(
        ReminderAnswered, paris(19, 11), clock=ClockName.REPLY, reason="absence",
        until=may(22), by="person:o.ther",
    )  # fmt: skip
    lines = section(printed(register, paris(19, 12)), "reply")
    at = next(n for n, line in enumerate(lines) if line.strip().startswith("rung +1"))
    assert [line.strip() for line in lines[at : at + 4]] == [
        "rung +1   Tue 2026-05-26  holder, head (ahead)",
        (
            "moved   from Wed 2026-05-20: +3 jours ouvrés, a reminder was answered"
            " (no. 3 ReminderAnswered by person:o.ther at 2026-05-19 11:00)"
        ),
        "answer  absence, until Fri 2026-05-22",
        "held    a.gent 5, o.ther 4",
    ]


def test_a_collapsed_rung_says_that_one_line_speaks_for_all() -> None:
    register = Register()
    register.registered(paris(1, month=6), may(11), agent=AGENT)
    lines = section(printed(register, paris(1, 11, month=6)), "reply")
    assert "one line speaks for every rung that was past" in said(lines, "one line")
    assert said(lines, "moved")[0].startswith(
        "moved   from Fri 2026-05-15: +11 jours ouvrés, its limit was set when it was past"
        " (no. 1 ItemRegistered by person:a.gent at 2026-06-01 10:00)"
    )


def test_a_corrected_day_zero_shows_both_counts_with_their_authors() -> None:
    register = Register()
    register.registered(paris(11), agent=AGENT)
    register.says(
        ReceiptCorrected, paris(13), receipt=received(may(7)), reason="tampon", by="person:chef"
    )
    lines = section(printed(register, paris(13, 11)), "reply")
    assert said(lines, "message") == [
        (
            "message   36-2026-A-000001 by email, received Thu 2026-05-07, limit Mon 2026-05-18 by"
            " reply-cinq-5, gives day 0 and the limit;"
            " no. 2 ReceiptCorrected by person:chef at 2026-05-13 10:00"
        )
    ]
    assert said(lines, "so since") == [
        (
            "so since  2026-05-11 10:00: day 0 Mon 2026-05-11, limit Tue 2026-05-19, rules 1;"
            " no. 1 ItemRegistered by person:a.gent at 2026-05-11 10:00"
        ),
        (
            "so since  2026-05-13 10:00: day 0 Thu 2026-05-07, limit Mon 2026-05-18, rules 1;"
            " no. 2 ReceiptCorrected by person:chef at 2026-05-13 10:00"
        ),
    ]


def test_with_an_absorbed_item_the_sheet_says_which_message_gives_what() -> None:
    """The letter of 11 May gives day 0; the e-mail of 12 May, with five days, the limit."""
    register = Register()
    register.registered(paris(12), channel=Channel.EMAIL, agent=AGENT)
    register.says(
        ItemAbsorbed, paris(13), absorbed=register.item,
        absorbed_chrono=Chrono("36-2026-A-000002"), receipt=received(may(11)),
        channel=Channel.LETTER,
    )  # fmt: skip
    own, absorbed = said(section(printed(register, paris(13, 11)), "reply"), "message")
    assert "36-2026-A-000001 by email, received Tue 2026-05-12, limit Wed 2026-05-20" in own
    assert "gives the limit; no. 1 ItemRegistered" in own
    assert "36-2026-A-000002 by letter, received Mon 2026-05-11, limit Wed 2026-06-03" in absorbed
    assert "gives day 0; no. 2 ItemAbsorbed" in absorbed


def test_a_settled_clock_names_the_version_that_counted_and_not_todays() -> None:
    closed = Closure(day=may(18), decided=CHECKED)
    book = Rulebook((rules(), rules(2, paris(20), closures=(closed,))))
    register = Register()
    register.registered(paris(11), agent=AGENT)
    register.replied(paris(19))
    lines = section(printed(register, paris(21), book), "reply")
    assert said(lines, "limit") == ["limit     Tue 2026-05-19 24:00"]
    assert said(lines, "rules")[0].startswith("rules     version 1 in effect from 2026-01-01 10:00")
    assert not any("2026-05-18  " in line for line in said(lines, "skipped"))


def test_facts_taken_back_are_named_as_such() -> None:
    register = Register()
    register.registered(paris(11), agent=AGENT)
    out = register.says(ItemReclassified, paris(12), classification=a_class(perimeter=False))
    register.takes_back(out, paris(13))
    lines = section(printed(register, paris(14)), "reply")
    assert any("no. 2 ItemReclassified" in line and "taken back since" in line for line in lines)


def test_only_promises_of_receipt_name_messages_and_only_jours_ouvres_are_counted_out() -> None:
    register = Register()
    register.registered(paris(11), agent=AGENT)
    register.says(
        RegimeConfirmed, paris(11, 11), regime="demande", start=RegimeStart.FIRST_OFFICE,
        received=received(may(11)),
    )  # fmt: skip
    register.says(PiecesRequested, paris(12), until=may(22))
    lines = printed(register, paris(13))
    named = {
        clock: len(said(section(lines, clock), "message"))
        for clock in ("receipt", "services_publics", "acknowledgement", "reply", "pieces")
    }
    assert named == {
        "receipt": 1, "services_publics": 1, "acknowledgement": 1, "reply": 1, "pieces": 0,
    }  # fmt: skip
    assert said(section(lines, "services_publics"), "day 1") == []
    assert said(section(lines, "acknowledgement"), "day 1") != []


def test_a_saturday_s_mail_answered_on_that_saturday_counts_as_day_zero() -> None:
    register = Register()
    register.registered(paris(16), agent=AGENT)
    register.replied(paris(16, 12))
    [result] = said(section(printed(register, paris(17)), "reply"), "result")
    assert result == "result    kept Sat 2026-05-16 by ReplySent: raw 0 jour ouvré, net 0"


def test_what_was_told_of_a_stopped_clock_stays_on_the_sheet() -> None:
    register = Register()
    register.registered(paris(11), agent=AGENT)
    register.replied(paris(21))
    lines = section(printed(register, paris(22)), "reply")
    assert lines[0] == "reply: 5 jours ouvrés (reply-cinq-5; à la main (choice))"
    assert said(lines, "told") == ["told      -2, +1"]


def test_days_after_a_limit_in_calendar_days_are_not_numbered() -> None:
    register = Register()
    register.registered(paris(11), agent=AGENT)
    lines = printed(register, paris(26))
    assert said(section(lines, "services_publics"), "late day") == []
    assert said(section(lines, "receipt"), "late day") != []
