"""From a folder to a site: every file read and checked, every mistake told at once.

`load_folder` gives the rules, `load_proposal` the people of `people.yaml` as well. Nothing is
loaded in part: either the whole folder is sound or `BadSite` says all that is not.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from shared.calendar.territories import Calendar
from shared.site.checks import whole
from shared.site.checks.validation_errors import (
    BadSite,
    Mistake,
    Wrong,
    dotted_path,
    near,
    shape_mistakes,
)
from shared.site.checks.yaml_lines import NotYaml, YamlDocument, read_yaml
from shared.site.tables.bundle import Site
from shared.site.tables.commitments import Commitments
from shared.site.tables.events import NO_EVENTS, EventTable
from shared.site.tables.identity import Identity
from shared.site.tables.labels import Labels
from shared.site.tables.mailboxes import Sources
from shared.site.tables.notices import NoticesTable
from shared.site.tables.people import People
from shared.site.tables.places import NO_PLACES, Places
from shared.site.tables.quality import NO_QUALITY, QualityTable
from shared.site.tables.regimes import Regimes
from shared.site.tables.roles import NO_ROLES, GivenRoles
from shared.site.tables.routing import RoutingTable
from shared.site.tables.services import Services
from shared.site.tables.survey import NO_SURVEY, SurveyTable
from shared.site.tables.website import NO_WEBSITE, Website
from shared.site.texts.template_checks import check_templates
from shared.values import Table

FILES: Mapping[str, type[Table]] = {
    "site.yaml": Identity,
    "services.yaml": Services,
    "people.yaml": People,
    "commitments.yaml": Commitments,
    "regimes.yaml": Regimes,
    "calendar.yaml": Calendar,
    "mailboxes.yaml": Sources,
    "routing.yaml": RoutingTable,
    "notices.yaml": NoticesTable,
    "labels.yaml": Labels,
    "roles.yaml": GivenRoles,
    "quality.yaml": QualityTable,
    "survey.yaml": SurveyTable,
    "website.yaml": Website,
    "events.yaml": EventTable,
    "places.yaml": Places,
}
"""Each file of a site's folder and the table it holds."""

_IF_ABSENT: Mapping[str, Table] = {
    "roles.yaml": NO_ROLES,
    "quality.yaml": NO_QUALITY,
    "survey.yaml": NO_SURVEY,
    "website.yaml": NO_WEBSITE,
    "events.yaml": NO_EVENTS,
    "places.yaml": NO_PLACES,
}
"""Files that a site may do without, and what their absence says."""

_LARGEST = 2_000_000


@dataclass(frozen=True)
class SiteProposal:
    """The content of a site folder: rules that may be applied, and people of the first import."""

    site: Site
    people: People


def load_folder(folder: Path) -> Site:
    """Reads the rules of a site folder. Raises BadSite with every mistake."""
    return load_proposal(folder).site


def load_proposal(folder: Path) -> SiteProposal:
    """Reads the rules and people of a site folder. Raises BadSite with every mistake."""
    mistakes: list[Mistake] = []
    documents: dict[str, YamlDocument] = {}
    tables: dict[str, Table] = {}
    if not folder.is_dir():
        raise BadSite([Mistake(str(folder), 1, "", "no such folder", "the folder of a site")])
    mistakes += _strangers(folder)
    for name, model in FILES.items():
        if name in _IF_ABSENT and not (folder / name).exists():
            tables[name] = _IF_ABSENT[name]
            continue
        try:
            documents[name] = read_yaml(_text(folder / name))
            tables[name] = model.model_validate(documents[name].value)
        except NotYaml as error:
            mistakes.append(Mistake(name, error.line, "", error.found, error.expected))
        except ValidationError as error:
            mistakes += _placed(shape_mistakes(name, model, error), documents)
    mistakes += _placed(whole.check(tables), documents)
    try:
        templates = _templates(folder / "templates")
    except NotYaml as error:
        mistakes.append(Mistake("templates", error.line, "", error.found, error.expected))
    else:
        mistakes += _placed(check_templates(templates), documents)
    if mistakes:
        raise BadSite(mistakes)
    return _proposal(tables, templates)


def _proposal(tables: Mapping[str, Table], templates: Mapping[str, str]) -> SiteProposal:
    # Validated again as a whole: it is cheap, and the types follow.
    site = Site.model_validate(
        {
            "identity": tables["site.yaml"],
            "services": tables["services.yaml"],
            "commitments": tables["commitments.yaml"],
            "regimes": tables["regimes.yaml"],
            "calendar": tables["calendar.yaml"],
            "sources": tables["mailboxes.yaml"],
            "routing": tables["routing.yaml"],
            "notices": tables["notices.yaml"],
            "labels": tables["labels.yaml"],
            "roles": tables["roles.yaml"],
            "quality": tables["quality.yaml"],
            "survey": tables["survey.yaml"],
            "website": tables["website.yaml"],
            "events": tables["events.yaml"],
            "places": tables["places.yaml"],
            "templates": templates,
        }
    )
    return SiteProposal(site, People.model_validate(tables["people.yaml"]))


def _placed(wrongs: Iterable[Wrong], documents: Mapping[str, YamlDocument]) -> Iterator[Mistake]:
    for wrong in wrongs:
        document = documents.get(wrong.file)
        if document is not None:
            line, where = document.line(wrong.path), dotted_path(wrong.path)
        else:
            line, where = int(wrong.path[0]), ""
        yield Mistake(wrong.file, line, where, wrong.found, wrong.expected)


def _strangers(folder: Path) -> Iterator[Mistake]:
    for path in sorted(folder.iterdir()):
        if path.suffix in {".yaml", ".yml"} and path.name not in FILES:
            expected = f"one of {', '.join(FILES)}{near(path.name, FILES)}"
            yield Mistake(path.name, 1, "", "a file of this name", expected)


def _templates(folder: Path) -> Mapping[str, str]:
    if not folder.is_dir():
        return {}
    french, translated = folder.glob("*.j2"), folder.glob("[a-z][a-z]/*.j2")
    paths = sorted([*french, *translated])
    return {path.relative_to(folder).as_posix(): _text(path) for path in paths}


def _text(path: Path) -> str:
    """The text of a file. Raises NotYaml when it is absent, huge, or not UTF-8."""
    try:
        octets = path.read_bytes()
    except OSError as error:
        raise NotYaml(
            1, f"no readable file ({error.strerror})", "this file in the folder"
        ) from error
    if len(octets) > _LARGEST:
        raise NotYaml(1, f"{len(octets)} octets", f"at most {_LARGEST}")
    try:
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = octets[: error.start].count(b"\n") + 1
        raise NotYaml(line, "a character that is not UTF-8", "text saved as UTF-8") from error
