"""An implied decision on the sheet: its regime, how waits move it, its birth and its end."""

from services.sla.domain.rules import ClockRules, Rulebook
from shared.facts.items.closure import ItemTransferred
from shared.facts.items.pieces import PiecesReceived, PiecesRequested
from shared.facts.items.routing import RegimeConfirmed
from shared.facts.vocabulary import RegimeStart
from shared.site.tables.regimes import Extension, Period, PeriodUnit, Regimes
from tests.unit.sla.builders import AGENT, Register, a_site, may, paris, received, rules
from tests.unit.sla.printed import printed, said, section


def test_an_implied_decision_shows_its_regime_text_and_how_the_waits_were_added() -> None:
    register = Register()
    register.registered(paris(11), agent=AGENT)
    register.says(
        RegimeConfirmed, paris(11, 11), regime="demande", start=RegimeStart.FIRST_OFFICE,
        received=received(may(11)), by="person:j.uriste",
    )  # fmt: skip
    register.says(PiecesRequested, paris(12), until=may(31))
    register.says(PiecesReceived, paris(20))
    lines = section(printed(register, paris(21)), "implied_decision")
    [regime] = said(lines, "regime")
    assert regime.startswith("regime    demande: rejection after 2 mois")
    assert "(un article), from first_office on Mon 2026-05-11; no. 2 RegimeConfirmed by" in regime
    assert said(lines, "waited")[0].endswith(": 8 calendar days on the limit")
    # 11 July and eight days.
    assert said(lines, "limit") == ["limit     Sun 2026-07-19 24:00"]
    assert said(lines, "result") == ["result    runs; without a decision it is born at the limit"]


def test_a_decision_is_born_only_once_its_limit_has_passed_and_never_said_before() -> None:
    register = Register()
    register.registered(paris(11), agent=AGENT)
    register.says(
        RegimeConfirmed, paris(11, 11), regime="demande", start=RegimeStart.FIRST_OFFICE,
        received=received(may(11)),
    )  # fmt: skip
    before = section(printed(register, paris(11, 23, month=7)), "implied_decision")
    after = section(printed(register, paris(12, 1, month=7)), "implied_decision")
    assert said(before, "result") == ["result    runs; without a decision it is born at the limit"]
    assert said(after, "result") == [
        "result    the decision was born at the limit, 2026-07-12 00:00"
    ]


def test_a_birth_that_a_person_took_back_stays_on_the_sheet_with_their_name() -> None:
    register = Register()
    register.registered(paris(11), agent=AGENT)
    register.says(
        RegimeConfirmed, paris(11, 11), regime="demande", start=RegimeStart.FIRST_OFFICE,
        received=received(may(11)),
    )  # fmt: skip
    register.says(
        RegimeConfirmed, paris(20, month=7), regime=None, start=RegimeStart.FIRST_OFFICE,
        received=received(may(11)), by="person:chef",
    )  # fmt: skip
    lines = section(printed(register, paris(21, month=7)), "implied_decision")
    assert lines[0] == "implied_decision: taken back, nothing promises it any more"
    assert said(lines, "so since")[-1] == (
        "so since  2026-07-20 10:00: not promised;"
        " no. 3 RegimeConfirmed by person:chef at 2026-07-20 10:00"
    )
    assert said(lines, "limit") == ["limit     Sat 2026-07-11 24:00, as told last"]


def test_a_transfer_taken_back_leaves_the_history_of_its_clock() -> None:
    register = Register()
    register.registered(paris(11), agent=AGENT)
    sent = register.says(ItemTransferred, paris(12), to="autre")
    register.takes_back(sent, paris(13))
    lines = section(printed(register, paris(14)), "transmission")
    assert lines[0].startswith("transmission: taken back")
    assert "no. 3 FactWithdrawn" in said(lines, "so since")[-1]


def test_a_complete_file_names_the_reception_from_which_it_counts() -> None:
    register = Register()
    register.registered(paris(11), agent=AGENT)
    register.says(
        RegimeConfirmed, paris(11, 11), regime="titre", start=RegimeStart.COMPLETE_FILE,
        received=received(may(11)),
    )  # fmt: skip
    register.says(PiecesRequested, paris(12), until=may(31))
    register.says(PiecesReceived, paris(20), by="person:c.ourrier")
    lines = section(printed(register, paris(21)), "implied_decision")
    [regime] = said(lines, "regime")
    assert "titre: rejection after 4 mois (un article), from complete_file" in regime
    assert regime.endswith(
        "the file is complete by no. 4 PiecesReceived by person:c.ourrier at 2026-05-20 10:00"
    )
    assert said(lines, "day 0") == ["day 0     Wed 2026-05-20"]
    assert said(lines, "limit") == ["limit     Sun 2026-09-20 24:00"]
    assert said(lines, "waited") == []


def test_a_recepisse_is_named_as_what_presumes_the_file_complete() -> None:
    register = Register()
    register.registered(paris(11), agent=AGENT)
    register.says(
        RegimeConfirmed, paris(13), regime="titre", start=RegimeStart.COMPLETE_FILE,
        received=received(may(12)), presumed_complete=True,
    )  # fmt: skip
    lines = section(printed(register, paris(21)), "implied_decision")
    [regime] = said(lines, "regime")
    assert (
        "from complete_file on Tue 2026-05-12 by its récépissé, which presumes it complete; no. 2"
        in regime
    )
    assert said(lines, "limit") == ["limit     Sat 2026-09-12 24:00"]


def test_an_extension_that_was_decided_is_named_with_its_text() -> None:
    applied = rules().applied
    longer = Extension(period=Period(n=1, unit=PeriodUnit.MONTHS), text="un autre article")
    regimes = [
        regime.model_copy(update={"extension": longer}) for regime in applied.site.regimes.regimes
    ]
    site = a_site().model_copy(update={"regimes": Regimes(regimes=tuple(regimes))})
    book = Rulebook((ClockRules(applied.model_copy(update={"site": site})),))
    register = Register()
    register.registered(paris(11), agent=AGENT)
    said_of = {}
    for extended_on in (None, may(12)):
        register.says(
            RegimeConfirmed, paris(12), regime="demande", start=RegimeStart.FIRST_OFFICE,
            received=received(may(11)), extended_on=extended_on,
        )  # fmt: skip
        lines = section(printed(register, paris(13), book), "implied_decision")
        said_of[extended_on] = (said(lines, "regime")[0], said(lines, "limit")[0])
    assert "more" not in said_of[None][0]
    assert said_of[None][1] == "limit     Sat 2026-07-11 24:00"
    assert said_of[may(12)][0].endswith("; 1 mois more (un autre article)")
    assert said_of[may(12)][1] == "limit     Tue 2026-08-11 24:00"
