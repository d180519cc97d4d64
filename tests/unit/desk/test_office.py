"""What the mail office's pages work out: keys, words of a rule, scanned numbers."""

from services.desk.pages.numbers import sticker_of
from services.desk.pages.office.proposals import common_words
from services.desk.pages.office.queue import TAKEN, letters_of
from shared.paper.codes import LabelCode
from shared.site.tables.services import Service
from tests.desk_builders import a_service


def services(*shorts: str) -> list[Service]:
    one = a_service("bmi", "h.ead")
    return [one.model_copy(update={"id": short.lower(), "short": short}) for short in shorts]


def test_each_service_has_a_letter_of_its_own_that_no_other_service_takes_away() -> None:
    assert letters_of(services("BMI", "BRE", "BCL")) == {"bmi": "b", "bre": "r", "bcl": "l"}
    assert letters_of(services("BMI", "BRE", "BCL", "Rue"))["bre"] == "r"
    assert letters_of(services("CPE")) == {"cpe": "a"}
    many = letters_of(services(*(f"Bureau {n}" for n in range(60))))
    assert len(many) == len(set(many.values())) == 19, "26 without c p e j z v t"
    assert not set(many.values()) & TAKEN


def test_a_rule_looks_for_what_most_corrected_letters_say_and_never_for_who_wrote() -> None:
    texts = ["Récépissé de Silva, dossier 12345", "mon RÉCÉPISSÉ perdu", "récépissé de Silva"]
    assert common_words(texts, ["Ana Silva"]) == ["récépissé"]
    assert common_words(["unique récépissé"], []) == []


def test_a_sticker_is_read_from_its_code_or_from_its_number() -> None:
    assert sticker_of(LabelCode("indre", 123), "VGM1:LBL:INDRE:000123/…") == "000123"
    assert sticker_of(None, "label:123") == "000123"
    assert sticker_of(None, " LABEL: 123 ") == "000123"
    for other in ("123", "label:", "label:12a", "label:²", "VGM1:DEP:36-2026-A-000123:REPLY"):
        assert sticker_of(None, other) is None
