"""The entry of the register of processing says what the applied rules say, and nothing else."""

from datetime import date

from services.desk.french.names import Names
from services.desk.privacy.register_entry import print_entry, sections
from shared.site.staff.directory import Directory
from shared.site.tables.bundle import AppliedSite
from shared.site.tables.identity import Archive
from tests.desk_builders import an_applied_site

ARCHIVE = Archive(agency="FRAD036", transferring="FRPREF036", agreement="CT-000001")


def text_of(applied: AppliedSite, *, encrypted: bool = False, public_form: bool = True) -> str:
    names = Names(applied.site, Directory({}, (), {}))
    found = sections(applied, names, encrypted=encrypted, public_form=public_form)
    return "\n".join(
        line for part in found for line in (part.title, *part.lines, *map(" | ".join, part.rows))
    )


def test_it_names_the_authority_the_services_and_each_category_with_its_time() -> None:
    text = text_of(an_applied_site())
    assert "Préfecture de l’exemple, 1, place du Marché, 36000 Exempleville" in text
    assert "Bureau bmi" in text
    assert "titre de sejour | 36 mois | élimination" in text
    assert "Journal des consultations : 12 mois." in text
    assert "OFII" in text


def test_what_nobody_told_the_register_is_to_be_filled_in() -> None:
    text = text_of(an_applied_site())
    assert "Délégué à la protection des données : [à compléter par la préfecture]." in text
    assert "Originaux non chiffrés par le logiciel" in text
    assert "Originaux chiffrés sur le disque." in text_of(an_applied_site(), encrypted=True)
    assert "service d’archives" not in text
    assert "formulaire public" not in text_of(an_applied_site(), public_form=False)


def test_an_archive_stands_among_the_recipients_and_after_the_time_of_its_categories() -> None:
    applied = an_applied_site()
    site = applied.site
    identity = site.identity.model_copy(
        update={"archive": ARCHIVE, "data_protection_officer": "d.pd", "journal_months": 24}
    )
    rows = tuple(
        row.model_copy(update={"final": "archive", "retention_months": 60})
        if row.id == "association"
        else row
        for row in site.routing.categories
    )
    routing = site.routing.model_copy(update={"categories": rows})
    changed = site.model_copy(update={"identity": identity, "routing": routing})
    text = text_of(applied.model_copy(update={"site": changed}))
    assert "association | 60 mois | versement aux archives" in text
    assert "Le service d’archives (FRAD036), pour ce qui lui est versé." in text
    assert "Journal des consultations : 24 mois." in text
    assert "Délégué à la protection des données : d.pd." in text


def test_it_is_printed_the_same_for_the_same_rules() -> None:
    applied = an_applied_site()
    names = Names(applied.site, Directory({}, (), {}))
    found = sections(applied, names, encrypted=False, public_form=True)
    first, again = (print_entry(found, applied, date(2026, 5, 12)) for _ in range(2))
    assert first.startswith(b"%PDF-")
    assert first == again
