"""Forms as JSON or XML in an attached file, honest and hostile."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingest.domain.data_files import attached_data
from services.ingest.domain.forms import FormTable, WebsiteForm
from services.ingest.domain.full_mail import read_plainly, read_whole
from services.ingest.domain.mail import Mail
from shared.content.mime import Leaf
from shared.facts.vocabulary import Authentication
from shared.site.tables.routing import FormMail
from tests.ingest_builders import a_multipart

RELAY = "robot@formulaires.example"
BODY = "Content-Type: text/plain; charset=utf-8\r\n\r\nUne demande est jointe."
ROW = FormMail.model_validate(
    {
        "id": "essai",
        "from_addresses": [RELAY],
        "layout": "attached",
        "fields": {
            "name": "demandeur.nom",
            "email": "Courriel",
            "subject": "objet",
            "text": "message",
        },
    }
)
NESTED = {
    "commune": {"nom": "Saint-Aubin-les-Bois", "code": 36180},
    "demandeur": {"nom": "Renée Dupont", "courriel": "renee@orange.example"},
    "objet": "Mon titre",
    "message": "Bonjour,\n\nmessage : où en est mon titre ?",
    "pieces": ["passeport", "photo"],
    "accord": True,
    "telephone": None,
}
LISTED = [
    {"label": "Demandeur.Nom", "value": "Renée Dupont"},
    {"label": "Courriel", "value": "renee@orange.example"},
    {"label": "Objet", "value": "Mon titre"},
    {"label": "Message", "value": NESTED["message"]},
]
XML = (
    '<?xml version="1.0" encoding="UTF-8"?><f:demande xmlns:f="urn:x"><demandeur><nom>Renée Dupont'
    "</nom><f:courriel>renee@orange.example</f:courriel></demandeur><objet>Mon titre</objet>"
    f"<message><![CDATA[{NESTED['message']}]]></message></f:demande>"
)
FIELDS = (
    "<form><field name='Demandeur.Nom'>Renée Dupont</field><field name='courriel' "
    "value='renee@orange.example'/><field name='objet'>Mon titre</field>"
    f"<field name='message'>{NESTED['message']}</field></form>"
)


def attached(content: str, name: str, media_type: str) -> str:
    return (
        f"Content-Type: {media_type}; charset=utf-8\r\n"
        f"Content-Disposition: attachment; filename={name}\r\n\r\n{content}"
    )


def form_of(part: str) -> WebsiteForm:
    mail = read_whole(a_multipart(BODY, part, sender=f"Robot <{RELAY}>"))
    assert isinstance(mail, Mail)
    found = FormTable((ROW,)).read(mail, Authentication.PASS)
    assert isinstance(found, WebsiteForm)
    return found


def leaf(content: bytes, media_type: str) -> Leaf:
    return Leaf(1, media_type, "", "", "attachment", "", "", content)


@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [
        (json.dumps(NESTED), "demande.json", "application/json"),
        (json.dumps(NESTED, ensure_ascii=False, indent=1), "demande.JSON", "application/x-demande"),
        (json.dumps({"champs": LISTED}), "demande.json", "application/json"),
        (XML, "demande.xml", "application/xml"),
        (XML, "demande", "application/vnd.demande+xml"),
        (FIELDS, "demande.xml", "text/xml"),
    ],
)
def test_a_form_in_an_attached_file_is_read(content: str, name: str, media_type: str) -> None:
    form = form_of(attached(content, name, media_type))
    assert not form.unread
    assert (form.person.name, form.person.address) == ("Renée Dupont", "renee@orange.example")
    assert (form.subject, form.text) == ("Mon titre", NESTED["message"])


def test_values_are_laid_out_by_their_paths() -> None:
    pairs = dict(attached_data([leaf(json.dumps(NESTED).encode(), "application/json")]))
    assert pairs["commune.code"] == "36180"
    assert pairs["pieces"] == "passeport, photo"
    assert pairs["accord"] == "oui"
    assert pairs["telephone"] == ""


def test_a_file_whose_labels_changed_is_kept_whole_beside_the_mail() -> None:
    changed = json.dumps({"identite": "Renée Dupont", "contenu": "Je veux mourir."})
    form = form_of(attached(changed, "demande.json", "application/json"))
    assert form.unread
    assert form.text == (
        "Une demande est jointe.\nidentite : Renée Dupont\ncontenu : Je veux mourir."
    )


def test_a_mail_without_its_file_is_another_layout() -> None:
    assert form_of(attached("PDF", "demande.pdf", "application/pdf")).unread


def test_a_mail_that_ended_its_child_is_read_without_its_files() -> None:
    part = attached(json.dumps(NESTED), "demande.json", "application/json")
    mail = read_plainly(a_multipart(BODY, part))
    assert isinstance(mail, Mail)
    assert mail.data == ()


LAUGHS = (
    '<!DOCTYPE a [<!ENTITY l0 "ha">'
    + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 20))
    + "]><a><nom>&l19;</nom></a>"
)
HOSTILE = {
    "billion laughs": (LAUGHS, "application/xml"),
    "one long entity": (
        f'<!DOCTYPE a [<!ENTITY x "{"x" * 100_000}">]><a>{"&x;" * 10_000}</a>',
        "application/xml",
    ),
    "a file of ours": (
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a><nom>&x;</nom></a>',
        "application/xml",
    ),
    "a document type elsewhere": (
        '<!DOCTYPE a SYSTEM "http://ailleurs.example/a.dtd"><a><nom>x</nom></a>',
        "application/xml",
    ),
    "deep xml": ("<a>" * 80_000, "application/xml"),
    "many elements": ("<a>" + "<b>x</b>" * 30_000 + "</a>", "application/xml"),
    "broken xml": ("<a><nom>x</a>", "application/xml"),
    "an unknown encoding": ('<?xml version="1.0" encoding="x-none"?><a>x</a>', "application/xml"),
    "deep json": ("[" * 100_000, "application/json"),
    "deep json that is whole": ("[" * 500 + "1" + "]" * 500, "application/json"),
    "deep objects": ('{"a":' * 5_000 + "1" + "}" * 5_000, "application/json"),
    "broken json": ('{"nom": "x', "application/json"),
    "too large": (json.dumps({"nom": "x" * 300_000}), "application/json"),
    "no json": ("\x00\x01", "application/json"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_has_no_values_and_costs_no_time(what: str) -> None:
    content, media_type = HOSTILE[what]
    began = time.process_time()
    assert attached_data([leaf(content.encode(), media_type)]) == ()
    assert time.process_time() - began < 5


def test_a_number_of_a_million_digits_stays_a_text() -> None:
    digits = "1" * 200_000
    began = time.process_time()
    (pair,) = attached_data([leaf(f'{{"nom": {digits}}}'.encode(), "application/json")])
    assert pair == ("nom", digits)
    assert time.process_time() - began < 5


def test_what_no_text_can_hold_leaves_no_file() -> None:
    (pair,) = attached_data([leaf(b'{"no\\u0000m": "a\\ud800b\\u0000c"}', "application/json")])
    assert pair == ("nom", "abc")


def test_of_many_values_and_files_few_are_read() -> None:
    content = json.dumps({f"champ{n}": "x" for n in range(5_000)}).encode()
    assert len(attached_data([leaf(content, "application/json")] * 50)) == 500


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=12), inner, max_size=5)
    ),
    max_leaves=30,
)


@settings(max_examples=80, deadline=None)
@given(VALUES)
def test_any_json_is_laid_out_in_texts_that_may_be_kept(value: object) -> None:
    for path, said in attached_data([leaf(json.dumps(value).encode(), "application/json")]):
        assert (path + said).encode().decode() == path + said
        assert "\0" not in path + said


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["application/json", "application/xml"]))
def test_no_octets_raise(octets: bytes, media_type: str) -> None:
    attached_data([leaf(octets, media_type), leaf(b"<a>" + octets + b"</a>", media_type)])


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), st.text(max_size=60)))
def test_what_a_program_writes_is_what_is_read(fields: dict[str, str]) -> None:
    found = dict(attached_data([leaf(json.dumps({"f": fields}).encode(), "application/json")]))
    names = {"label", "name", "nom", "libelle", "intitule", "key", "field", "title", "question"}
    if not names & fields.keys():
        assert found.keys() == {f"f.{name}" for name in fields}
