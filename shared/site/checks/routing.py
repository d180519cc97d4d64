"""Checks of routing.yaml: whatever a rule proposes exists, and a certain one answers for it."""

import re
from collections.abc import Iterator

from shared.site.checks.form_fields import check_form_fields
from shared.site.checks.people import A_PERSON, A_SERVICE
from shared.site.checks.validation_errors import Wrong, twice, unknown
from shared.site.checks.yaml_lines import Path
from shared.site.tables.identity import Identity
from shared.site.tables.mailboxes import Sources
from shared.site.tables.people import People
from shared.site.tables.regimes import Regimes
from shared.site.tables.routing import (
    UNRECOGNISED,
    Condition,
    RoutingOutcome,
    RoutingTable,
    Rule,
)
from shared.site.tables.services import Services

FILE = "routing.yaml"
PATTERN = re.compile(r"^(?:[^@\s*]+|\*)@(?:\*\.)?[^@\s*]+$")
"""`maire@ville.example`, `*@domain` or `*@*.domain`."""


def check_categories(
    routing: RoutingTable, services: Services, regimes: Regimes
) -> Iterator[Wrong]:
    """Yields each mistake in the categories of routing.yaml, such as an unknown service.

    Another: a category out of the perimeter without a reason.
    """
    known = {service.id for service in services.services}
    labels = {regime.id: regime.label for regime in regimes.regimes}
    texts = set(labels)
    rows = list(enumerate(routing.categories))
    yield from twice(FILE, ((("categories", i, "id"), row.id) for i, row in rows), "each id")
    for i, row in rows:
        at = ("categories", i)
        yield from unknown(FILE, (*at, "service"), row.service, known, A_SERVICE)
        what = "a regime of regimes.yaml"
        yield from unknown(FILE, (*at, "regime"), row.regime, texts, what)
        for j, code in enumerate(row.regimes):
            yield from unknown(FILE, (*at, "regimes", j), code, texts, what)
        for code in row.allowed if len(row.allowed) > 1 else ():
            if code in labels and not labels[code].strip():
                found = f"several regimes, and '{code}' says not in which case it is chosen"
                yield Wrong(FILE, (*at, "regimes"), found, "a 'label' for it in regimes.yaml")
        if not row.perimeter and row.reason is None:
            yield Wrong(FILE, at, "out of the perimeter without a reason", "the key 'reason'")
        if row.perimeter and row.reason is not None:
            path = (*at, "reason")
            yield Wrong(FILE, path, "a reason within the perimeter", "`perimeter: false`, or none")
    former: list[tuple[Path, str]] = [
        (("categories", i, "replaces", j), old)
        for i, row in rows
        for j, old in enumerate(row.replaces)
    ]
    yield from twice(FILE, former, "one category for the items of a former one")
    for where, old in former:
        if old in {row.id for _, row in rows}:
            yield Wrong(FILE, where, f"'{old}', which still exists", "a category that was removed")


def check_archive(identity: Identity, routing: RoutingTable) -> Iterator[Wrong]:
    """Checks that site.yaml names an archive where a category goes to one; yields each mistake."""
    for i, row in enumerate(routing.categories):
        if row.final == "archive" and identity.archive is None:
            found = "items that go to an archive, and none is named"
            yield Wrong(FILE, ("categories", i, "final"), found, "the key 'archive' in site.yaml")


def check_routing(
    routing: RoutingTable, services: Services, people: People, sources: Sources
) -> Iterator[Wrong]:
    """Yields each mistake in routing.yaml outside its categories, such as an empty rule."""
    rows = list(enumerate(routing.rules))
    yield from twice(FILE, ((("rules", i, "id"), row.id) for i, row in rows), "each id")
    known = {service.id for service in services.services}
    persons = {person.id for person in people.people}
    categories = {category.id for category in routing.categories}
    what = "a category of this file"
    yield from unknown(FILE, ("fallback",), routing.fallback, categories, what)
    for i, rule in rows:
        at = ("rules", i)
        if rule.id == UNRECOGNISED:
            found = f"'{UNRECOGNISED}', which says that no rule recognised a letter"
            yield Wrong(FILE, (*at, "id"), found, "another id")
        yield from _check_condition((*at, "when"), rule.when, sources, known)
        then, path = rule.then, (*at, "then")
        yield from unknown(FILE, (*path, "category"), then.category, categories, what)
        yield from unknown(FILE, (*path, "service"), then.service, known, A_SERVICE)
        yield from unknown(FILE, (*path, "agent"), then.agent, persons, A_PERSON)
        if then == RoutingOutcome():
            yield Wrong(FILE, path, "a rule that proposes nothing", "a category, a service, …")
        yield from _check_certain(at, rule)
    for i, sender in enumerate(routing.senders):
        yield from _check_addresses(("senders", i, "addresses"), sender.addresses)
        if not sender.addresses and not sender.words:
            yield Wrong(FILE, ("senders", i), "a row that recognises nobody", "addresses or words")
    yield from twice(
        FILE, ((("forms", i, "id"), form.id) for i, form in enumerate(routing.forms)), "each id"
    )
    for i, form in enumerate(routing.forms):
        yield from _check_addresses(("forms", i, "from_addresses"), form.from_addresses)
        yield from check_form_fields(FILE, ("forms", i, "fields"), form)
    yield from _check_addresses(("newsletters",), routing.newsletters)


def _check_condition(
    at: Path, condition: Condition, sources: Sources, services: set[str]
) -> Iterator[Wrong]:
    named = {
        "mailboxes": ({row.id for row in sources.mailboxes}, "a mailbox of mailboxes.yaml"),
        "scan_folders": (
            {row.id for row in sources.scan_folders},
            "a scan folder of mailboxes.yaml",
        ),
        "separators": (services, A_SERVICE),
    }
    for key, (known, what) in named.items():
        for j, one in enumerate(getattr(condition, key)):
            yield from unknown(FILE, (*at, key, j), one, known, what)
    for key in ("from_addresses", "to_addresses"):
        yield from _check_addresses((*at, key), getattr(condition, key))
    if condition.model_copy(update={"unless": ()}) == Condition():
        yield Wrong(
            FILE, at, "a condition that everything meets", "at least one list beside 'unless'"
        )


def _check_certain(at: Path, rule: Rule) -> Iterator[Wrong]:
    if rule.certain is None:
        return
    path = (*at, "certain")
    for key in ("by", "why"):
        if not getattr(rule.certain, key).strip():
            yield Wrong(
                FILE, (*path, key), "nothing", "who answers for it" if key == "by" else "why"
            )
    if rule.then.category is None or rule.then.service is None:
        yield Wrong(
            FILE, path, "certain of neither or one", "a rule that names category and service"
        )


def _check_addresses(at: Path, addresses: tuple[str, ...]) -> Iterator[Wrong]:
    for j, address in enumerate(addresses):
        if not PATTERN.match(address):
            expected = "an exact address, `*@domain` or `*@*.domain`"
            yield Wrong(FILE, (*at, j), f"'{address}'", expected)
