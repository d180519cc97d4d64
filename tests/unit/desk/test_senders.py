"""Who writes, read from a mail or from a letter's head: proposals, never decisions."""

import pytest

from services.desk.domain.senders import letterhead, proposed_kind
from shared.content.plis import Correspondent, Pli, ScanText
from shared.facts.vocabulary import SenderKind
from tests.desk_builders import a_site

IDENTITY = a_site().identity
C, U = SenderKind.CITIZEN, SenderKind.UNKNOWN


def mail(name: str, address: str, text: str = "Bonjour, où en est ma demande ?") -> Pli:
    who = Correspondent(name=name, address=address)
    return Pli(kind="mail", sender=who, answer_to=who, subject="Ma demande", text=text)


@pytest.mark.parametrize(
    ("name", "address", "kind"),
    [
        ("Aïcha Benkirane", "aicha.benkirane@courriel.example", C),
        ("", "jeanne.martin36@gmail.com", C),
        ("jean-pierre durand", "jpd@wanadoo.fr", C),
        ("Mme MARTIN", "m@quelque.example", C),
        ("DUPONT Marie-Louise", "mld@laposte.net", C),
        ("Association des parents", "parents@gmail.com", U),
        ("Contact", "contact@boulangerie.example", U),
        ("", "info@garage.example", U),
        ("", "x4711@quelque.example", U),
        ("Comité des fêtes de Levroux", "fetes@orange.fr", U),
        ("Mairie de Levroux", "mairie@levroux.example", U),
        ("Maître Anne Vasseur", "vasseur@gmail.com", U),
        ("Service client", "client@quelque.example", U),
        ("Jeanne Martin", "accueil@gmail.com", U),
    ],
)
def test_a_person_without_signs_of_an_organisation_is_proposed_as_one(
    name: str, address: str, kind: SenderKind
) -> None:
    pli = mail(name, address)
    assert proposed_kind(U, pli, pli.addressee) is kind


def test_what_signs_for_an_organisation_is_proposed_as_nobody() -> None:
    signed = "Bonjour,\n\nVoici notre demande.\n\nJeanne Martin\nPrésidente de l’amicale laïque"
    assert proposed_kind(U, mail("Jeanne Martin", "jm@gmail.com", signed), WHO) is U
    plain = "Bonjour,\n\nJe suis passée à la préfecture, au service des étrangers.\n\nJeanne Martin"
    assert proposed_kind(U, mail("Jeanne Martin", "jm@gmail.com", plain), WHO) is C


WHO = Correspondent(name="Jeanne Martin", address="jm@gmail.com")


def test_what_the_tables_recognised_stands_and_a_third_party_is_nobody_in_particular() -> None:
    assert proposed_kind(SenderKind.LAWYER, mail("Jeanne Martin", "jm@gmail.com"), WHO) is (
        SenderKind.LAWYER
    )
    third = mail("Jeanne Martin", "jm@gmail.com").model_copy(update={"on_behalf": WHO})
    assert proposed_kind(U, third, WHO) is U
    assert proposed_kind(U, None, WHO) is U


JEANNE = "Mme Jeanne Martin\n12, rue des Lavandières\n36000 Châteauroux"
PLAIN = f"""{JEANNE}

Monsieur le Préfet de l’Indre
place de la Victoire
36000 Châteauroux

Objet : titre de séjour

Monsieur le Préfet,"""
BETWEEN = """Paul Petit
3 impasse du Four
36110 Levroux
Tél : 06 12 34 56 78
paul.petit@orange.fr
Levroux, le 4 mai 2026

Objet : permis de conduire"""
BESIDE = """Paul Petit          Préfecture de l’exemple
3 impasse du Four    1, place du Marché
36110 Levroux       36000 Exempleville

Objet : permis"""
OURS_FIRST = """Préfecture de l’exemple
1, place du Marché
36000 Exempleville

Association Les Amis du Bois
8, rue Haute
36200 Argenton

Objet : récépissé"""
LETTERS = {
    "plain": (PLAIN, ("Mme Jeanne Martin", "12, rue des Lavandières\n36000 Châteauroux", "")),
    "telephone, e-mail and a day among the lines": (
        BETWEEN,
        ("Paul Petit", "3 impasse du Four\n36110 Levroux", "paul.petit@orange.fr"),
    ),
    "the préfecture beside it, as OCR joins columns": (
        BESIDE,
        ("Paul Petit", "3 impasse du Four\n36110 Levroux", ""),
    ),
    "our own address first": (
        OURS_FIRST,
        ("Association Les Amis du Bois", "8, rue Haute\n36200 Argenton", ""),
    ),
    "an empty line below the name": (
        "Karim Haddad\n\n4 rue Basse\n36000 Châteauroux\n\nMonsieur,\n\nJe vous écris",
        ("Karim Haddad", "4 rue Basse\n36000 Châteauroux", ""),
    ),
    "a name alone": (
        "Mme Odile Roy\n\nMonsieur le Préfet,\n\nJe sollicite",
        ("Mme Odile Roy", "", ""),
    ),
    "text alone": ("Je soussigné demande au préfet de bien vouloir\n36000 fois merci", ("",) * 3),
    "nothing read": ("", ("", "", "")),
    "an address far below the object": (
        "Objet : demande\n\nMonsieur,\n\nVoici mon adresse :\nPaul Petit\n36110 Levroux",
        ("", "", ""),
    ),
}


@pytest.mark.parametrize("name", list(LETTERS))
def test_the_block_above_the_object_gives_name_and_address(name: str) -> None:
    page, (who, postal, address) = LETTERS[name]
    found = letterhead([page, "page 2\nAutre Nom\n75001 Paris"], IDENTITY)
    assert (found.name, found.postal, found.address) == (who, postal, address)


def test_a_letter_s_head_proposes_its_kind() -> None:
    def kind_of(page: str) -> SenderKind:
        nobody = Correspondent()
        scan = ScanText(pages=(page,), confidence=90)
        pli = Pli(kind="scan", sender=nobody, answer_to=nobody, text=page, scan=scan)
        return proposed_kind(U, pli, letterhead([page], IDENTITY))

    assert kind_of(LETTERS["plain"][0]) is C
    assert kind_of(LETTERS["our own address first"][0]) is U
    assert kind_of(LETTERS["nothing read"][0]) is U
    assert letterhead([], IDENTITY) == Correspondent()


def test_addresses_side_by_side_are_read_apart() -> None:
    head = (
        ("COURRIER ARRIVÉ",),
        ("ARRIVÉE", "07 NOV. 2026"),
        ("M. Paul Petit ARRIVÉE LE", "3 impasse du Four", "36110 Levroux", "Tél. : 02 54 00 11 22"),
        ("Préfecture de l’Indre", "CS 80583", "36019 Châteauroux Cedex"),
        ("Levroux, le 4 mai 2026",),
    )
    lines = "\n".join(" ".join(pair) for pair in zip(head[2], head[3] + ("",), strict=True))
    who = letterhead([lines], IDENTITY, head)
    assert (who.name, who.postal) == ("M. Paul Petit", "3 impasse du Four\n36110 Levroux")


@pytest.mark.parametrize("first", ["", "Pa|_ Pe~", "Madame MéMSiE. I", "3 impasse du Four"])
def test_a_name_that_was_not_read_is_nobodys(first: str) -> None:
    head = ((first, "12 rue Basse", "36110 Levroux"),)
    who = letterhead(["…"], IDENTITY, head)
    assert who.name == ""
    assert who.postal.endswith("12 rue Basse\n36110 Levroux")


def test_our_own_address_alone_is_nobodys() -> None:
    head = (("Bureau des étrangers", "CS 80583", "36019 Exempleville Cedex"),)
    assert letterhead(["…"], IDENTITY, head) == Correspondent()


@pytest.mark.parametrize(
    "street",
    [
        "14 rue du 8 mai 1945",
        "3 place du 11 novembre 1918",
        "7, rue du 19 mars 1962",
        "12 boulevard 4 septembre 1870",
        "2 place du 13 novembre 2015",
    ],
)
def test_a_street_named_for_a_day_is_no_stamp(street: str) -> None:
    lines = ("Aïcha Benkirane", street, "36100 Issoudun")
    page = "\n".join((*lines, "", "Monsieur le Préfet,"))
    for head in ((), (lines,)):
        who = letterhead([page], IDENTITY, head)
        assert (who.name, who.postal) == (lines[0], f"{street}\n36100 Issoudun")
