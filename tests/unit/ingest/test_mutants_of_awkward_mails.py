"""Awkward mails, damaged on their way, are read, shown and kept (`make fuzz` has 20,000)."""

from dataclasses import replace

from services.ingest.domain.judgement import ArrivalJudgement
from shared.facts.arrivals import Quarantine
from tests.awkward_mails.corpus import awkward_mails
from tests.fuzz.__main__ import run
from tests.fuzz.checks import faults
from tests.fuzz.mutants import DAMAGES, mutant
from tests.ingest_builders import a_mail, a_multipart, judged

MUTANTS = 300
LETTER = "Bonjour madame voici ma lettre."
PDF = "Content-Type: application/pdf; name=lettre.pdf\r\n\r\n%PDF-"


def test_nothing_of_three_hundred_mutants_is_lost_or_late() -> None:
    tally = run(20260511, range(MUTANTS), hostile_every=0)
    assert (tally.mails, tally.wrong) == (MUTANTS, 0)


def test_a_mutant_is_drawn_again_from_its_seed_and_number() -> None:
    assert mutant(3, 41) == mutant(3, 41)
    assert mutant(3, 41).octets != mutant(4, 41).octets


def test_each_damage_is_done_to_some_mail() -> None:
    drawn = [mutant(1, number) for number in range(MUTANTS)]
    assert {name for name in DAMAGES if any(name in made.name for made in drawn)} == set(DAMAGES)
    mails = awkward_mails()
    same = sum(made.octets == mails[n % len(mails)].octets for n, made in enumerate(drawn))
    assert same < MUTANTS // 4


# What the checks see.


def kept(octets: bytes) -> ArrivalJudgement:
    one = judged(octets)
    assert not list(faults(octets, (one,)))
    return one


def test_words_that_nobody_is_shown_are_lost() -> None:
    octets = a_mail(LETTER)
    one = kept(octets)
    assert one.pli is not None
    for pli in (None, one.pli.model_copy(update={"text": " "})):
        (said,) = faults(octets, (replace(one, pli=pli),))
        assert said.startswith("lost")


def test_a_file_of_another_size_is_not_found_again() -> None:
    octets = a_multipart(f"Content-Type: text/plain\r\n\r\n{LETTER}", PDF)
    one = kept(octets)
    assert one.pli is not None
    (file,) = one.pli.attachments
    for other in ({"size": file.size + 1}, {"part": 7}):
        pli = one.pli.model_copy(update={"attachments": (file.model_copy(update=other),)})
        (said,) = faults(octets, (replace(one, pli=pli),))
        assert said.startswith("a file is not found again")


def test_a_mail_that_our_program_could_not_judge_is_wrong() -> None:
    octets = a_mail(LETTER)
    for reason in ("not-judged", "mail-bomb"):
        one = replace(kept(octets), verdict=Quarantine(reason=reason))
        assert list(faults(octets, (one,))) == [f"not read: {reason}"]
