"""The entry of the register of processing (RGPD, article 30), true of the rules that are applied.

What a site decides stands here as its rules say it; what only its operators know (who hosts it, how
it is saved) is named as to be filled in.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from services.desk.french import labels_fr
from services.desk.french.names import Names
from shared.paper.typst_pdf import typeset
from shared.site.tables.bundle import AppliedSite

_PRINTING: Final = Path(__file__).parents[1] / "printing"
TITLE: Final = "Fiche du registre des traitements"
TO_FILL: Final = "[à compléter par la préfecture]"


@dataclass(frozen=True, slots=True)
class EntrySection:
    """A section of the entry: a title, its sentences, and a table where it has one."""

    title: str
    lines: Sequence[str]
    head: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()


def sections(
    applied: AppliedSite, names: Names, *, encrypted: bool, public_form: bool
) -> Sequence[EntrySection]:
    """Returns the sections of the entry, in the order of article 30.

    `encrypted`: the register has keys for the files of originals; `public_form`: its public pages
    have an address.
    """
    identity = applied.site.identity
    postal = identity.postal
    officer = (
        names.person(identity.data_protection_officer)
        if identity.data_protection_officer
        else TO_FILL
    )
    return (
        EntrySection(
            "Responsable du traitement",
            (
                (
                    f"{identity.authority}, {postal.street}, {postal.postcode} {postal.town},"
                    f" {identity.email}, {identity.phone}."
                ),
                f"Délégué à la protection des données : {officer}.",
            ),
        ),
        EntrySection(
            "Finalités",
            (
                "Enregistrer chaque courrier, courriel et formulaire, l’adresser au bon service.",
                (
                    "Y répondre dans les délais annoncés, en accuser réception, relancer qui doit"
                    " répondre."
                ),
                "Prouver ce qui a été reçu et répondu, et mesurer les engagements de qualité.",
                (
                    "Base légale : mission d’intérêt public (article 6, 1, e) ; code des relations"
                    " entre le public et l’administration."
                ),
                (
                    "Aucune décision sur une personne n’est prise par la machine (art. 22) : elle"
                    " enregistre, propose et compte les jours."
                ),
            ),
        ),
        EntrySection("Personnes concernées", tuple(_persons())),
        EntrySection("Données", tuple(_data(public_form=public_form))),
        EntrySection("Destinataires", tuple(_recipients(applied, names))),
        EntrySection(
            "Transferts hors de l’Union européenne",
            (f"Aucun par le logiciel. Hébergement : {TO_FILL}.",),
        ),
        EntrySection(
            "Durées de conservation",
            tuple(_durations(applied)),
            ("Catégorie", "Durée après la fin du traitement", "Ensuite"),
            tuple(_rows(applied)),
        ),
        EntrySection("Mesures de sécurité", tuple(_measures(encrypted=encrypted))),
        EntrySection(
            "Droits des personnes",
            (
                (
                    "Accès : tout ce qui est détenu sur une personne se prend en un fichier (page"
                    " « Données personnelles ») ; chaque prise est journalisée."
                ),
                "Rectification : l’expéditeur et l’objet d’un courrier se corrigent sur sa page.",
                (
                    "Effacement : un contenu est retiré par deux personnes, avec un motif (page"
                    " « Preuve » du courrier) ; il en reste un numéro, des dates et des empreintes."
                ),
                f"Ce que le public en lit : {' '.join(identity.data_protection.split())}",
            ),
        ),
    )


def print_entry(found: Sequence[EntrySection], applied: AppliedSite, day: date) -> bytes:
    """Renders the entry as PDF/A; the same octets for the same sections and day. Blocks."""
    data = {
        "title": TITLE,
        "name": "Courrier : enregistrement, suivi et réponse",
        "authority": applied.site.identity.authority,
        "made": f"Établie le {labels_fr.long_day(day)}, d’après les règles n° {applied.version}.",
        "dated": {"year": day.year, "month": day.month, "day": day.day},
        "sections": [
            {"title": part.title, "lines": part.lines, "head": part.head, "rows": part.rows}
            for part in found
        ],
    }
    return typeset(_PRINTING / "register.typ", {"data": data})


def _persons() -> Iterator[str]:
    yield "Qui écrit à la préfecture, qui écrit pour d’autres, et qui est nommé dans un courrier."
    yield "Les agents de la préfecture qui traitent les courriers."


def _data(*, public_form: bool) -> Iterator[str]:
    yield (
        "Nom, adresses postale et électronique, téléphone s’ils sont donnés ; le texte, les pièces"
        " jointes et ce que la personne y dit d’elle, données sensibles comprises."
    )
    yield "Numéro, catégorie, service, dates, échéances, réponses et leur histoire."
    yield "Des agents : identité, service, absences, délégations, ce qu’ils ont décidé et consulté."
    if public_form:
        yield "Le formulaire public ne garde ni traceur ni adresse de l’appareil."


def _recipients(applied: AppliedSite, names: Names) -> Iterator[str]:
    site = applied.site
    services = ", ".join(service.name for service in site.services.services)
    yield f"Les services, chacun pour ses courriers : {services}."
    yield (
        f"{names.service(site.identity.mail_office)} ; le référent qualité et le secrétaire"
        " général. Un courrier réservé n’est lu que de qui en est chargé, de son chef, de son"
        " directeur et du secrétaire général."
    )
    offices = ", ".join(sorted(office.name for office in site.labels.offices.values()))
    if offices:
        yield f"Par transmission, la personne en étant avertie (CRPA, L. 114-2) : {offices}."
    if site.identity.signing is not None:
        yield "Le parapheur électronique, pour les lettres à signer."
    if site.identity.archive is not None:
        yield f"Le service d’archives ({site.identity.archive.agency}), pour ce qui lui est versé."


def _durations(applied: AppliedSite) -> Iterator[str]:
    yield (
        "Le contenu est détruit ensuite sur bordereau, avec le visa des archives et par deux"
        " personnes ; il en reste le numéro, l’histoire et des empreintes."
    )
    yield f"Journal des consultations : {applied.site.identity.journal_months} mois."
    yield "Messages mis de côté (robots, lettres d’information) : six mois."
    yield "Messages vus dans les envois et qui ne répondent à aucun courrier : 35 jours."
    yield "Remarques libres de l’enquête de satisfaction : douze mois."


def _rows(applied: AppliedSite) -> Iterator[tuple[str, str, str]]:
    for row in applied.site.routing.categories:
        then = "versement aux archives" if row.final == "archive" else "élimination"
        yield row.label, f"{row.retention_months} mois", then


def _measures(*, encrypted: bool) -> Iterator[str]:
    yield "Droits par courrier ; identification par le fournisseur d’identité de la préfecture."
    yield "Journal des consultations, des fichiers pris et des refus, que nul ne peut changer."
    yield "Histoire de chaque courrier scellée par empreintes : ce qui y est changé se voit."
    yield "Les faits, journaux et indicateurs ne portent ni nom, ni adresse, ni texte."
    yield (
        "Originaux chiffrés sur le disque."
        if encrypted
        else "Originaux non chiffrés par le logiciel : chiffrement du disque " + TO_FILL + "."
    )
    yield f"Sauvegardes, réseau, locaux : {TO_FILL}."
    yield "Un autre programme n’accède que par une clé ; deux personnes, si elle lit des courriers."
