"""`/regles`: the versions of the site's rules, who applied each and why, and what each changed.

Rules stay files, applied on the server by who may (docs/decisions/0113): nothing is changed here.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.french import labels_fr, rule_changes
from services.desk.pages.visit import Visit
from shared.platform.database import Connection
from shared.site import store
from shared.site.difference import days_changed, difference
from shared.site.store import AppliedVersion, NoSite

URL: Final = "/regles"
VERSION: Final = f"{URL}/{{number:int}}"
MOST_VERSIONS: Final = 100
MOST_LINES: Final = 500


async def show_versions(visit: Visit) -> Response:
    """Shows the versions of the site's rules, newest first, and what the last one changed."""
    known = await store.versions(visit.connection)
    last = known[-1]
    return await visit.html(
        "administration/rules.html",
        versions=[version_row(visit, version) for version in reversed(known[-MOST_VERSIONS:])],
        hidden=max(0, len(known) - MOST_VERSIONS),
        last=version_row(visit, last),
        changes=await changes(visit.connection, last.version),
    )


async def show_version(visit: Visit) -> Response:
    """Shows one version of the site's rules and what it changed. Raises HTTPException 404."""
    number = visit.request.path_params["number"]
    known = await store.versions(visit.connection)
    shown = next((version for version in known if version.version == number), None)
    if shown is None:
        raise HTTPException(404, "Cette version des règles n’existe pas.")
    return await visit.html(
        "administration/rules_version.html",
        shown=version_row(visit, shown),
        changes=await changes(visit.connection, number),
        last=known[-1].version,
    )


def version_row(visit: Visit, version: AppliedVersion) -> Mapping[str, Any]:
    """Formats a version of the site's rules: number, author, reason, moment, rehearsal."""
    return {
        "number": version.version,
        "author": version.author,
        "why": version.why,
        "at": labels_fr.moment(version.effective_from, visit.applied.site.zone),
        "rehearsal": version.rehearsal,
        "digest": version.digest,
    }


async def changes(connection: Connection, number: int) -> Sequence[str] | None:
    """Formats in French what a version of the rules changed since the last; `None`: the first.

    At most `MOST_LINES` lines, and one that counts the rest.
    """
    try:
        before = await store.version(connection, number - 1)
        after = await store.version(connection, number)
    except NoSite:
        return None
    lines = [*difference(before.site, after.site), *days_changed(before.days, after.days)]
    shown = [rule_changes.sentence(line) for line in lines[:MOST_LINES]]
    more = len(lines) - len(shown)
    return [*shown, f"… et {more} autres"] if more > 0 else shown
