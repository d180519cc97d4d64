"""What nobody has checked: lines that bind the préfecture and that no person has read again.

They are no mistakes: a line may be right and unread. `site check` lists them, so that whoever goes
live knows what rests on nobody.
"""

from collections import defaultdict
from collections.abc import Iterator

from shared.site.tables.bundle import Site
from shared.site.tables.regimes import Regimes
from shared.values import NOBODY


def unchecked_lines(site: Site) -> Iterator[str]:
    """Lists the lines of a site's rules that bind the préfecture and that no person has checked."""
    yield from _of_regimes(site.regimes)
    for row in site.commitments.commitments:
        if row.source.checked_by == NOBODY:
            yield f"commitments.yaml: {row.id}: its source ({row.source.text})"
    for category in site.routing.categories:
        if category.source is not None and category.source.checked_by == NOBODY:
            yield f"routing.yaml: {category.id}: who decides it ({category.source.text})"
    for form in site.routing.forms:
        if form.checked_by == NOBODY:
            yield f"routing.yaml: {form.id}: the layout of its mails"


def _of_regimes(regimes: Regimes) -> Iterator[str]:
    courts = defaultdict[str, list[str]](list)
    for regime in regimes.regimes:
        if regime.checked.by == NOBODY:
            yield f"regimes.yaml: {regime.id}: its text ({regime.text})"
        if not regime.source.strip():
            yield f"regimes.yaml: {regime.id}: where its text was read"
        if regime.tribunal_checked_by == NOBODY:
            courts[regime.tribunal].append(regime.id)
    for court, those in courts.items():
        yield f"regimes.yaml: {', '.join(those)}: the tribunal's address ({court})"
