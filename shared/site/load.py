"""From a folder to a site: every file read and checked, every mistake told at once.

`load_folder` gives the rules, `load_proposal` the people of `people.yaml` as well. Nothing is
loaded in part: either the whole folder is sound or `BadSite` says all that is not. A folder with
`pack.yaml` lays its files over those of a signed pack (packs.py, layers.py).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from shared.calendar.territories import Calendar
from shared.site import packs
from shared.site.checks import whole
from shared.site.checks.validation_errors import (
    BadSite,
    Mistake,
    Wrong,
    dotted_path,
    near,
    shape_mistakes,
)
from shared.site.checks.yaml_lines import NotYaml, read_yaml
from shared.site.layers import FilePlace, LayeredDocument, lay, single
from shared.site.packs import BadPack, Pack
from shared.site.tables.bundle import Site
from shared.site.tables.commitments import Commitments
from shared.site.tables.events import NO_EVENTS, EventTable
from shared.site.tables.identity import Identity
from shared.site.tables.labels import Labels
from shared.site.tables.mailboxes import Sources
from shared.site.tables.notices import NoticesTable
from shared.site.tables.packs import PackChoice, PackTaken
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
CHOICE = "pack.yaml"
"""The file by which a site takes a pack; absent: all rules are its own."""


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
    documents: dict[str, LayeredDocument] = {}
    tables: dict[str, Table] = {}
    if not folder.is_dir():
        raise BadSite([Mistake(str(folder), 1, "", "no such folder", "the folder of a site")])
    mistakes += _strangers(folder)
    pack = _pack(folder)
    for name, model in FILES.items():
        below = pack.files.get(name) if pack else None
        if name in _IF_ABSENT and below is None and not (folder / name).exists():
            tables[name] = _IF_ABSENT[name]
            continue
        try:
            documents[name] = _document(folder / name, below, f"{CHOICE}:{name}")
            tables[name] = model.model_validate(documents[name].value)
        except NotYaml as error:
            mistakes.append(Mistake(name, error.line, "", error.found, error.expected))
        except ValidationError as error:
            mistakes += _placed(shape_mistakes(name, model, error), documents)
    mistakes += _placed(whole.check(tables), documents)
    try:
        templates = _templates(folder / "templates", pack)
    except NotYaml as error:
        mistakes.append(Mistake("templates", error.line, "", error.found, error.expected))
    else:
        mistakes += _placed(check_templates(templates), documents)
    if mistakes:
        raise BadSite(mistakes)
    return _proposal(tables, templates, pack)


def _document(path: Path, below: str | None, named: str) -> LayeredDocument:
    """A site's file, laid over the pack's where there is one, or the pack's alone."""
    if below is None:
        return single(read_yaml(_text(path)), path.name)
    try:
        under = read_yaml(below)
    except NotYaml as error:
        raise NotYaml(error.line, f"in the pack: {error.found}", error.expected) from error
    if not path.exists():
        return single(under, named)
    return lay(read_yaml(_text(path)), path.name, under, named)


def _pack(folder: Path) -> Pack | None:
    """The pack that a site takes; `None`: it takes none. Raises BadSite if it can't be believed."""
    if not (folder / CHOICE).exists():
        return None
    try:
        document = read_yaml(_text(folder / CHOICE))
        choice = PackChoice.model_validate(document.value)
        octets = (folder / choice.file).read_bytes()
        return packs.read(octets, frozenset(choice.keys))
    except NotYaml as error:
        raise BadSite([Mistake(CHOICE, error.line, "", error.found, error.expected)]) from error
    except ValidationError as error:
        wrongs = shape_mistakes(CHOICE, PackChoice, error)
        raise BadSite(_placed(wrongs, {CHOICE: single(document, CHOICE)})) from error
    except (OSError, BadPack) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        line = document.line(("file",))
        mistake = Mistake(
            CHOICE, line, "file", f"'{choice.file}': {why}", "a pack that is believed"
        )
        raise BadSite([mistake]) from error


def _proposal(
    tables: Mapping[str, Table], templates: Mapping[str, str], pack: Pack | None
) -> SiteProposal:
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
            "pack": _taken(pack),
        }
    )
    return SiteProposal(site, People.model_validate(tables["people.yaml"]))


def _taken(pack: Pack | None) -> PackTaken | None:
    if pack is None:
        return None
    return PackTaken(name=pack.name, version=pack.version, key=pack.key, digest=pack.digest)


def _placed(wrongs: Iterable[Wrong], documents: Mapping[str, LayeredDocument]) -> Iterator[Mistake]:
    for wrong in wrongs:
        document = documents.get(wrong.file)
        if document is not None:
            place, where = document.place(wrong.path), dotted_path(wrong.path)
        else:
            place, where = FilePlace(wrong.file, int(wrong.path[0])), ""
        yield Mistake(place.file, place.line, where, wrong.found, wrong.expected)


def _strangers(folder: Path) -> Iterator[Mistake]:
    for path in sorted(folder.iterdir()):
        if path.suffix in {".yaml", ".yml"} and path.name not in {*FILES, CHOICE}:
            expected = f"one of {', '.join((*FILES, CHOICE))}{near(path.name, FILES)}"
            yield Mistake(path.name, 1, "", "a file of this name", expected)


def _templates(folder: Path, pack: Pack | None) -> Mapping[str, str]:
    """The site's templates, and the pack's that the site has none of.

    A translation of the pack goes where the site writes the French that it stands below.
    """
    files = pack.files if pack else {}
    prefix = "templates/"
    below = {
        name.removeprefix(prefix): text for name, text in files.items() if name.startswith(prefix)
    }
    french, translated = folder.glob("*.j2"), folder.glob("[a-z][a-z]/*.j2")
    paths = sorted([*french, *translated])
    own = {path.relative_to(folder).as_posix(): _text(path) for path in paths}
    partials = any(name.startswith("_") for name in own)
    kept = {
        name: text
        for name, text in below.items()
        if "/" not in name or not (partials or name.partition("/")[2] in own)
    }
    return dict(sorted((kept | own).items()))


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
