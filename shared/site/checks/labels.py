"""Checks of labels.yaml: every code that the other tables give as a reason has its words."""

from collections.abc import Iterator

from shared.site.checks.validation_errors import Wrong, unknown
from shared.site.tables.code_labels import REASONS
from shared.site.tables.labels import Labels
from shared.site.tables.notices import NoticesTable
from shared.site.tables.routing import RoutingTable

_WHAT = "a code of `reasons` in labels.yaml, which says it in French"


def check_labels(labels: Labels, routing: RoutingTable, notices: NoticesTable) -> Iterator[Wrong]:
    """Yields each code, used by any table of the site, that labels.yaml has no French words for.

    Also an office that decides a category without a source.
    """
    known = {*labels.reasons, *REASONS}
    for which, offered in labels.offered.items():
        for i, one in enumerate(offered):
            yield from unknown("labels.yaml", ("offered", which, i), one, known, _WHAT)
    for i, category in enumerate(routing.categories):
        path = ("categories", i, "reason")
        yield from unknown("routing.yaml", path, category.reason, known, _WHAT)
        path = ("categories", i, "transmit_to")
        what = "an office of labels.yaml"
        yield from unknown("routing.yaml", path, category.transmit_to, set(labels.offices), what)
        sourced = category.source is not None and category.source.text.strip()
        if category.transmit_to is not None and not sourced:
            found = f"'{category.transmit_to}' without a source"
            expected = "a 'source': by which text that office decides, and who has read it"
            yield Wrong("routing.yaml", path, found, expected)
    for i, rule in enumerate(routing.rules):
        for key, code in (("hold", rule.then.hold), ("set_aside", rule.then.set_aside)):
            yield from unknown("routing.yaml", ("rules", i, "then", key), code, known, _WHAT)
    for i, row in enumerate(notices.rows):
        yield from unknown("notices.yaml", ("rows", i, "reason"), row.reason, known, _WHAT)
