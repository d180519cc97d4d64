"""Every page of the menu has its chapter; the guided visit leads through pages that are there."""

from services.desk.features import FEATURES, all_pages
from services.desk.pages.help_chapters import CHAPTERS, STEPS, chapter_of, steps_of
from services.desk.pages.renderer import TEMPLATES
from services.desk.rights import Right
from services.desk.roles import Roles
from shared.facts.envelope import PersonId, ServiceId
from tests.house.removal import OWN

PATHS = frozenset(page.path for page in all_pages())
AGENT = Roles(frozenset({PersonId("a.gent")}), works_in=frozenset({ServiceId("bmi")}))


def test_every_page_of_the_menu_leads_to_a_chapter_of_its_own() -> None:
    known = {page.path for page in all_pages() if page.nav and page.right is not Right.AUDIT}
    lost = {path for path in known if chapter_of(path) is CHAPTERS[0]}
    assert lost == set(), "name the page in help_chapters.py"


def test_a_page_below_another_has_the_nearest_chapter() -> None:
    said = {
        "/courrier/36-2026-A-000001": "un-courrier",
        "/courrier/36-2026-A-000001/note": "ensemble",
        "/courriers": "courriers",
        "/courriers-types/a": "repondre",
        "/": "courriers",
        "/nowhere": "premier-jour",
        "/regles/3": "administration",
    }
    assert {path: chapter_of(path).anchor for path in said} == said


def test_every_chapter_has_its_text() -> None:
    for chapter in CHAPTERS:
        assert (TEMPLATES / "help" / f"{chapter.anchor}.html").is_file(), chapter.anchor


def test_the_visit_of_an_agent_leads_through_their_pages_alone() -> None:
    whole = OWN.keys() <= FEATURES.keys()
    assert not whole or {step.url for step in STEPS} <= PATHS
    seen = [url for url in ("/courriers", "/avis", "/recherche", "/personnes") if url in PATHS]
    assert [step.url for step in steps_of(AGENT, PATHS.__contains__)] == seen
    without = [step.url for step in steps_of(AGENT, (PATHS - {"/recherche"}).__contains__)]
    assert without == [url for url in seen if url != "/recherche"]
