from datetime import date
from pathlib import Path

from shared.calendar.territories import Closure, Territory
from shared.calendar.working_days import working_calendar
from shared.site.difference import days_changed, difference, numbers_replaced
from shared.site.load import load_folder
from shared.site.tables.bundle import Site
from shared.values import Checked


def test_a_changed_figure_is_one_line_with_both_values(indre: Site, folder: Path) -> None:
    file = folder / "commitments.yaml"
    text = file.read_text(encoding="utf-8").replace("    days: 5\n", "    days: 4\n", 1)
    file.write_text(text, encoding="utf-8")
    assert difference(indre, load_folder(folder)) == [
        "commitments.commitments.reponse-courriel.days: 5 → 4"
    ]


def test_a_moved_rule_and_a_new_word_are_told(indre: Site, folder: Path) -> None:
    file = folder / "routing.yaml"
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    first = next(n for n, line in enumerate(lines) if "id: boite-bmi" in line)
    lines[first], lines[first + 1] = lines[first + 1], lines[first]
    text = "".join(lines).replace("[carte grise,", "[carte grise, cartes grises,")
    file.write_text(text, encoding="utf-8")
    told = difference(indre, load_folder(folder))
    assert "routing.rules: in another order" in told
    assert any(line.startswith("routing.rules.carte-grise.when.words:") for line in told)


def test_a_template_shows_the_lines_that_changed(indre: Site, folder: Path) -> None:
    file = folder / "templates" / "alert.txt.j2"
    text = file.read_text(encoding="utf-8").replace("Bonjour", "Bonsoir")
    file.write_text(text, encoding="utf-8")
    assert difference(indre, load_folder(folder)) == [
        "templates.alert.txt.j2:",
        "    -Bonjour {{ first_name }},",
        "    +Bonsoir {{ first_name }},",
    ]


def test_a_closure_is_a_day_that_changes() -> None:
    bridge = Closure(
        day=date(2026, 5, 15), decided=Checked(by="Le préfet", on=date(2026, 1, 5), why="pont")
    )
    before = working_calendar(Territory.METROPOLE)
    after = working_calendar(Territory.METROPOLE, [bridge])
    assert days_changed(before, before) == []
    assert days_changed(before, after) == [
        "days: 2026-05-15 is no longer worked (fermeture : pont)"
    ]
    assert days_changed(after, before) == [
        "days: 2026-05-15 is worked again (was: fermeture : pont)"
    ]


def test_how_long_a_check_of_a_page_counts_is_replaced_by_two_persons(indre: Site) -> None:
    first, *rest = indre.website.pages
    longer = first.model_copy(update={"every": 24})
    after = indre.model_copy(
        update={"website": indre.website.model_copy(update={"pages": (longer, *rest)})}
    )
    [number] = numbers_replaced(indre, after)
    assert str(number) == f"website.{first.id}.every: 3 → 24"
