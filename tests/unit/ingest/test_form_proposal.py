"""`vaguemestre ingest form-layout`: a row of routing.yaml proposed from one mail of a form."""

import shutil
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from services.__main__ import main
from services.ingest.domain.forms import FormTable, WebsiteForm
from services.ingest.domain.full_mail import read_whole
from services.ingest.domain.mail import Mail
from services.ingest.form_proposal import USUAL
from shared.content.phrases import fold
from shared.facts.vocabulary import Authentication
from shared.site.load import load_folder
from shared.site.tables.routing import FormLayout
from tests.ingest_builders import INDRE, a_mail, a_multipart
from tests.unit.ingest.test_form_layouts import HTML, LAYOUTS, PLAIN, TEXT

RELAY = "robot@formulaires.mairie.example"
SENDER = f"Robot <{RELAY}>"
SUBJECT = "Nouvelle demande : Mon titre n° 1234"
JSON = (
    "Content-Type: application/json\r\n\r\n"
    '{"commune": "Issoudun", "demandeur": {"nom": "Renée Dupont", "e-mail": "r@orange.example"},'
    ' "sujet": "Mon titre", "message": "Bonjour"}'
)


def typed(tmp_path: Path, octets: bytes, *options: str) -> Result:
    file = tmp_path / "un.eml"
    file.write_bytes(octets)
    return CliRunner().invoke(main, ["ingest", "form-layout", str(file), *options])


def a_form(layout: FormLayout) -> bytes:
    content_type = HTML if layout is FormLayout.TABLE else PLAIN
    return a_mail(LAYOUTS[layout], sender=SENDER, subject=SUBJECT, content_type=content_type)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_proposed_row_is_accepted_by_site_check_and_reads_its_mail(
    layout: FormLayout, tmp_path: Path
) -> None:
    said = typed(tmp_path, a_form(layout))
    assert said.exit_code == 0, said.output
    assert yaml.safe_load(said.output)[0].get("layout", "labels") == layout.value
    folder = Path(shutil.copytree(INDRE, tmp_path / "site"))
    routing = folder / "routing.yaml"
    text = routing.read_text(encoding="utf-8")
    routing.write_text(text.replace("\nforms:\n", f"\nforms:\n{said.output}"), encoding="utf-8")
    site = load_folder(folder)
    assert site.routing.forms[0].id == "formulaires-mairie"
    mail = read_whole(a_form(layout))
    assert isinstance(mail, Mail)
    form = FormTable(site.routing.forms).read(mail, Authentication.PASS)
    assert isinstance(form, WebsiteForm)
    assert (form.person.name, form.person.address) == ("Renée Dupont", "renee@orange.example")
    assert (form.subject, form.text, form.unread) == ("Mon titre", TEXT, False)


def test_what_was_recognised_and_what_was_not_is_said_and_no_value_is(tmp_path: Path) -> None:
    said = typed(tmp_path, a_form(FormLayout.LABELS), "--id", "le-mien").output
    assert "#   name       is what follows 'Nom'" in said
    assert "#   not recognised: service, topic" in said
    assert "#   other labels: 'Téléphone'" in said
    assert "id: le-mien" in said
    assert "- nouvelle demande\n" in said
    for value in ("Dupont", "renee@", "Mon titre", "02 54", "1234", "ce n’est pas"):
        assert value not in said


def test_an_attached_file_is_proposed_by_its_paths(tmp_path: Path) -> None:
    octets = a_multipart(
        "Content-Type: text/plain\r\n\r\nNom : voir le fichier joint", JSON, sender=SENDER
    )
    said = typed(tmp_path, octets)
    (row,) = yaml.safe_load(said.output)
    assert row["layout"] == "attached"
    assert row["fields"] == {
        "text": "message",
        "email": "demandeur.e-mail",
        "name": "demandeur.nom",
        "subject": "sujet",
    }
    assert "'commune'" in said.output


def test_a_mail_in_which_nothing_is_recognised_lists_its_labels_and_fails(tmp_path: Path) -> None:
    said = typed(tmp_path, a_mail("Identifiant : 12\nRemarques : Bonjour", sender=SENDER))
    assert said.exit_code == 1
    assert "labels: Identifiant, Remarques" in said.output
    said = typed(tmp_path, a_mail("Bonjour", sender=SENDER))
    assert "Nothing in it stands as a label." in said.output


@pytest.mark.parametrize("octets", [b"\x80\x81", b"Subject: x\r\n\r\nNom : x", b""])
def test_what_is_no_mail_of_a_robot_is_refused_in_one_sentence(
    octets: bytes, tmp_path: Path
) -> None:
    said = typed(tmp_path, octets)
    assert (said.exit_code, said.output) == (1, "Error: This file is no mail with a sender.\n")


def test_usual_labels_are_written_as_they_are_compared_and_each_is_of_one_field() -> None:
    words = [word for usual in USUAL.values() for word in usual]
    assert len(words) == len(set(words))
    assert [fold(word).strip() for word in words] == words
