from pathlib import Path

import pytest

from services.desk.domain.decisions.merge import SPLIT
from services.desk.domain.decisions.sent_folder_replies import NOT_A_REPLY
from services.desk.domain.registration import APPEAL_HELD
from services.desk.pages.office.queue import themes
from shared.facts.vocabulary import Theme
from shared.site.checks.validation_errors import BadSite
from shared.site.load import load_folder
from shared.site.tables.bundle import Site
from shared.site.tables.labels import Labels


def test_a_reason_is_said_by_the_site_else_by_the_program_else_by_its_code() -> None:
    labels = Labels(reasons={"sans-suite": "sans suite à donner", "stale": "trop vieux"})
    assert labels.reason("sans-suite") == "sans suite à donner"
    assert labels.reason("stale") == "trop vieux"
    assert labels.reason("newsletter") == "lettre d’information"
    assert labels.reason("dossier_du-maire") == "dossier du maire"


def test_a_theme_is_one_of_the_form_or_of_the_site_and_each_has_a_key_of_its_own() -> None:
    labels = Labels(themes={"delay": "lenteur", "accessibilite": "accessibilité"})
    assert labels.theme("appointments") == "rendez-vous"
    assert labels.theme("delay") == "lenteur"
    assert labels.theme("guichet-ferme") == "guichet ferme"
    codes = list(labels.every_theme)
    assert codes == [*(theme.value for theme in Theme), "accessibilite"]
    keys = [key for key, _, _ in themes(labels.every_theme)]
    assert len(set(keys)) == len(keys)
    assert all(key.isupper() for key in keys), "no other key of the page is a capital"


@pytest.mark.parametrize("code", [NOT_A_REPLY, SPLIT, APPEAL_HELD])
def test_what_desk_itself_gives_as_a_reason_has_words(code: str) -> None:
    assert Labels().reason(code) != code


def test_the_example_names_what_its_people_key(indre: Site) -> None:
    labels = indre.labels
    assert labels.piece("justificatif-de-domicile").startswith("un justificatif de domicile")
    assert labels.office("ofii").endswith("(OFII)")
    for reason in ("facture", "candidature", "invitation", "adresse-inconnue", "tampon"):
        assert reason in labels.reasons


def test_a_reason_that_no_table_says_in_french_is_refused(folder: Path) -> None:
    file = folder / "labels.yaml"
    text = file.read_text(encoding="utf-8").replace("  facture:", "  factures:")
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadSite) as refused:
        load_folder(folder)
    mistake, offered = sorted(refused.value.mistakes, key=lambda one: one.file, reverse=True)
    assert (mistake.file, mistake.found) == ("routing.yaml", "'facture'")
    assert (offered.file, offered.found) == ("labels.yaml", "'facture'"), "no list offers it"
    assert "did you mean 'factures'?" in mistake.expected


@pytest.mark.parametrize("words", ["''", '"deux\\nlignes"', "' blanc'"])
def test_words_are_one_line_that_says_something(folder: Path, words: str) -> None:
    file = folder / "labels.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("une attestation d’assurance en cours de validité", words))
    with pytest.raises(BadSite):
        load_folder(folder)
