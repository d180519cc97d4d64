"""What the commands of `site` say: plain English lines."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from shared.errors import Refused
from shared.facts.vocabulary import NoticeKind
from shared.site.application import VersionChange
from shared.site.checks.lines_to_review import unchecked_lines
from shared.site.replacements import KeptReplacement
from shared.site.staff.directory import Directory
from shared.site.staff.roads import Road, roads
from shared.site.tables.bundle import AppliedSite, Site
from shared.site.tables.packs import PackTaken
from shared.site.tables.people import People

_MOST = 40


def moment(at: datetime) -> str:
    """Formats a moment for a command's output: `2026-05-11 09:00 UTC`."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def instant(text: str) -> datetime:
    """Parses an ISO moment with its offset that a user typed. Raises Refused for any other text."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise Refused(f"'{text}' is no moment with its offset, such as 2026-05-11T09:00+02:00.")
    return at


def summary(site: Site, people: People) -> str:
    """Returns one line about a site folder without mistakes: how many services, people, …."""
    return (
        f"Sound: {site.identity.authority}, {len(site.services.services)} services,"
        f" {len(people.people)} people, {len(site.routing.categories)} categories,"
        f" {len(site.routing.rules)} rules, {len(site.templates)} templates"
        + (f", over pack {pack_text(site.pack)}." if site.pack else ".")
    )


def pack_text(pack: PackTaken) -> str:
    """Names a pack by name, version and the first digits of its content's digest."""
    return f"{pack.name} {pack.version} ({pack.digest[:12]})"


def unread(site: Site) -> Iterator[str]:
    """Yields how many lines of the site's rules nobody has checked, then the lines."""
    lines = list(unchecked_lines(site))
    if lines:
        yield f"Nobody has checked {len(lines)} lines:"
        yield from (f"  {line}" for line in lines)


def missing_sentences(site: Site) -> Iterator[str]:
    """Yields sentences about what a correct site folder should also have."""
    if Road.OUTSIDE not in roads(site):
        yield (
            "No root of the evidence leaves the préfecture: give `roots_address` in site.yaml,"
            " a mailbox of another house, such as that of the archives départementales."
        )
    if Road.GENERAL_SECRETARY not in roads(site):
        yield (
            "quality_officer and general_secretary are one person, who alone holds the roots of"
            " the evidence: name two."
        )


def applied_text(found: AppliedSite) -> str:
    """Describes the applied rules of the site in a few lines of text."""
    site = found.site
    sources = [box.id for box in site.sources.mailboxes]
    sources += [folder.id for folder in site.sources.scan_folders]
    lines = (
        f"{site.identity.authority} ({site.identity.id})"
        + (", demo" if site.identity.demo else ""),
        f"version    {found.version}, since {moment(found.effective_from)}",
        f"digest     {found.digest}",
        f"go-live    {'not yet' if found.go_live is None else moment(found.go_live)}",
        f"days       {found.days.territory}, {found.days.first} to {found.days.last}",
        f"services   {', '.join(service.id for service in site.services.services)}",
        f"sources    {', '.join(sources)}",
        f"rules      {len(site.routing.rules)}, {len(site.routing.categories)} categories",
        *((f"pack       {pack_text(site.pack)}",) if site.pack else ()),
    )
    return "\n".join(lines)


def change(found: VersionChange) -> Iterator[str]:
    """Describes, line by line, what applying a site folder changes: rules, people, open items."""
    if found.nothing:
        yield f"Identical to version {found.after.version - 1}, which runs: nothing changes."
        return
    if found.before is None:
        yield "The first version of this préfecture."
    yield from found.lines
    for number in found.numbers:
        yield f"A number of the label moves, which needs two persons: {number}"
    for person in found.newcomers:
        yield f"people.{person.id}: added"
    if found.moved is None:
        yield "Open items: nobody here can tell which of their deadlines move."
    elif found.before is not None:
        yield f"Open items: {len(found.moved)} deadlines move."
        for moved in found.moved[:_MOST]:
            limits = f"{moved.before or 'none'} → {moved.after or 'none'}"
            yield f"    {moved.chrono or 'without chrono'} {moved.clock}: {limits}"
        if len(found.moved) > _MOST:
            yield f"    … and {len(found.moved) - _MOST} more"


def why_waiting(kept: KeptReplacement) -> str:
    """Returns why nothing was applied: a request to replace numbers waits for its second person."""
    return (
        f"Replacing a number of the label needs two persons. Nothing was applied; request"
        f" {kept.number} of {kept.what.author} is kept since {moment(kept.asked_at)}: the"
        " référent qualité or the secrétaire général confirms it, signed in, on the page"
        " /qualite/nombres, then the same command applies it."
    )


def leaving_sentence(counts: Mapping[NoticeKind, int] | None, since: datetime) -> str:
    """Returns a sentence that counts the held notices which would leave at go-live."""
    if counts is None:
        return (
            f"Going live at {moment(since)}. Nobody here can tell which held notices would leave."
        )
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()) if count)
    return f"Going live at {moment(since)}. Held notices that would leave: {kinds or 'none'}."


def directory(found: Directory) -> Iterator[str]:
    """Lists the people of the préfecture, one line each, then their absences."""
    for person in sorted(found.people.values(), key=lambda one: (one.services, one.name)):
        services = ",".join(person.services) or "-"
        deputy = f", deputy {person.deputy}" if person.deputy else ""
        yield f"{person.id:<16} {services:<12} {person.first_name} {person.name}{deputy}"
    for absence in found.absences:
        yield f"away: {absence.person} from {absence.first} to {absence.last}"
