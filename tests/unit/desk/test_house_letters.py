"""Letters of the house: a free reply, and the site's own texts with their fields (ADR 0190)."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from services.desk.letters.composer import ComposedLetter, compose
from services.desk.letters.domain.form import Point
from services.desk.letters.domain.house_letters import FREE, OF_KIND, house_letter, is_ours
from services.desk.letters.domain.merge_fields import Filled
from shared.errors import Refused
from shared.facts.items.routing import RegimeConfirmed
from shared.facts.vocabulary import NoticeKind, RegimeStart, Way
from tests.desk_builders import SPACE
from tests.unit.desk.test_letters_composing import PLI, lacking, matter

NOW = datetime(2026, 5, 13, 9, tzinfo=UTC)


def made(
    kind: NoticeKind, asked: dict[str, str] | None = None, written: Filled | None = None
) -> ComposedLetter:
    about = matter()
    version = house_letter(OF_KIND[kind], about, NOW)
    return compose(version, about, asked or {}, Way.MAIL, written)


def test_a_free_reply_is_the_persons_text_in_a_letter_of_the_house() -> None:
    blank = made(NoticeKind.REPLY)
    assert blank.version.name == "_libre@0"
    assert blank.text.subject == "Réponse à votre message du 11 mai 2026"
    assert lacking(blank) == [Point.UNFILLED]
    body = blank.filled.body.replace("{votre texte}", "Venez lundi à 9 h.")
    written = made(NoticeKind.REPLY, written=Filled("Votre rendez-vous", body))
    assert written.complete
    assert written.text.subject == "Votre rendez-vous"
    for must in (
        "Venez lundi à 9 h.",
        "Bureau des migrations et de l’intégration,\nKarima Haddad\nadjointe administrative",
        "36-2026-A-000001",
        "02 54 00 00 10",
    ):
        assert must in written.text.whole


@pytest.mark.parametrize(
    ("body", "lacks"),
    [("", [Point.BODY]), ("Madame,\n\n{votre texte}\n\nCordialement.", [Point.UNFILLED])],
)
def test_a_free_reply_leaves_neither_empty_nor_unwritten(body: str, lacks: list[Point]) -> None:
    assert lacking(made(NoticeKind.REPLY, written=Filled("Objet", body))) == lacks


def test_the_sites_request_for_pieces_is_a_letter_with_its_two_fields() -> None:
    blank = made(NoticeKind.PIECES)
    assert blank.text.subject == "Il manque des pièces à votre dossier"
    assert blank.filled.unfilled == ("pièces", "date_limite")
    said = {"pièces": "passeport\nUn plan de situation", "date_limite": "2026-06-05"}
    letter = made(NoticeKind.PIECES, said)
    assert letter.complete
    assert letter.until == date(2026, 6, 5)
    assert "\n- Un plan de situation\n" in letter.text.whole
    assert "avant la fin de la journée du 5 juin 2026, en rappelant la référence" in (
        letter.text.whole
    )
    assert letter.text.body.count("Karima Haddad") == 1
    assert "9999" not in letter.text.whole


def test_a_holding_reply_and_a_transmission_of_the_site_are_filled_alike() -> None:
    holding = made(NoticeKind.HOLDING_REPLY, {"nouvelle_date": "2026-06-20"})
    assert holding.complete
    assert "Une réponse vous sera adressée au plus tard le 20 juin 2026." in holding.text.whole
    assert "parce que son examen demande plus de temps que prévu." in holding.text.whole
    sent_on = made(NoticeKind.TRANSFER, {"administration": "ofii"})
    assert sent_on.complete
    assert "transmis le 13 mai 2026" in sent_on.text.whole
    assert "- renseignements auprès de nous\u00a0: 02 54 00 00 10" in sent_on.text.whole


def test_what_a_sender_wrote_names_no_field_of_a_letter_of_the_house() -> None:
    about = matter(PLI.model_copy(update={"subject": "Mon {motif} {date_limite}"}))
    letter = compose(house_letter("_pieces", about, NOW), about, {}, Way.MAIL)
    assert "«\u00a0Mon (motif) (date_limite)\u00a0»" in letter.filled.body
    assert letter.filled.unfilled == ("pièces", "date_limite")


def test_a_request_for_pieces_says_what_it_does_to_silence() -> None:
    about = matter()
    regime = next(
        row for row in about.applied.site.regime.values() if row.effect.value == "rejection"
    )
    stamp = {
        "event_id": SPACE, "item_id": about.item.item_id, "seq": 9, "by": "person:k.haddad",
        "happened_at": NOW, "recorded_at": NOW,
    }  # fmt: skip
    confirmed = RegimeConfirmed.model_validate(
        {
            **stamp,
            "regime": regime.id,
            "start": RegimeStart.FIRST_OFFICE,
            "received": {"kind": "on", "day": "2026-05-11"},
        }
    )
    about = replace(about, item=replace(about.item, regime=confirmed))
    said = {"pièces": "passeport", "date_limite": "2026-06-05"}
    letter = compose(house_letter("_pieces", about, NOW), about, said, Way.MAIL)
    assert "vaut rejet est suspendu jusqu’à l’arrivée de ces pièces, et au plus tard jusqu’au" in (
        letter.text.whole
    )
    assert "jusqu’au 5 juin 2026 (code des relations" in letter.text.whole


def test_no_letter_of_a_library_bears_a_name_of_the_house() -> None:
    assert is_ours(FREE)
    assert not is_ours("libre")
    with pytest.raises(Refused):
        house_letter("_rien", matter(), NOW)
