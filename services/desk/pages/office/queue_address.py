"""What an address of the queue asks: which letters, behind which one, what was sorted last. Pure.

/bureau/a-qualifier/36-2026-A-000012?service=bmi&source=mailbox:bmi&regle=recepisse
          &apres=36-2026-A-000003&dernier=36-2026-A-000011

A service or source that does not exist asks nothing; a rule may have been removed while letters
that it recognised still wait.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.requests import Request

from services.desk.french import labels_fr
from services.desk.store.items import NO_RULE
from services.desk.store.queue import QueueFilter
from shared.site.tables.bundle import Site

QUEUE: Final = "/bureau/a-qualifier"
LIST: Final = "/bureau/file"
"""The same queue as a list."""
LAST: Final = "dernier"
"""In the address: what was sorted just before, which one key takes back."""
AFTER: Final = "apres"
"""In the address: the letter behind which the next one, or the list's page, is looked for."""
FIELDS: Final = ("service", "source", "regle")
_LONGEST: Final = 80


@dataclass(frozen=True, slots=True)
class QueueParams:
    """The parameters of the queue (letters to qualify) in an address: filter, last letter, key."""

    typed: Mapping[str, str]
    last: str | None = None
    after: str | None = None

    @property
    def which(self) -> QueueFilter:
        """The filter of the queue that the address asks for; an empty field filters nothing."""
        service, source, rule = (self.typed[name] or None for name in FIELDS)
        return QueueFilter(service, source, rule)

    @property
    def filtered(self) -> bool:
        """Whether the address filters the queue, so that some of its letters are left out."""
        return any(self.typed.values())

    def address(self, chrono: str = "", **more: str | None) -> str:
        """Returns the address of a letter's page in the filtered queue; by default of the next one.

        `more`: other parameters to add.
        """
        return self._at(f"{QUEUE}/{chrono}" if chrono else QUEUE, more)

    def list_address(self, **more: str | None) -> str:
        """Returns the address of the filtered queue as a list; `more`: other parameters to add."""
        return self._at(LIST, more)

    def _at(self, path: str, more: Mapping[str, str | None]) -> str:
        query = urlencode({name: said for name, said in {**self.typed, **more}.items() if said})
        return f"{path}?{query}" if query else path


def parse_params(query: Mapping[str, str], site: Site) -> QueueParams:
    """Parses the queue's parameters from an address; an unknown service or source is ignored."""
    typed = {name: _text(query, name) for name in FIELDS}
    known = choices(site)
    for name in ("service", "source"):
        if typed[name] not in {value for value, _ in known[name]}:
            typed[name] = ""
    return QueueParams(typed, _text(query, LAST) or None, _text(query, AFTER) or None)


def params_at(address: str, site: Site) -> QueueParams:
    """Parses the parameters of the queue from the address of the page that holds a form."""
    return parse_params(dict(parse_qsl(urlsplit(address).query)), site)


def page_request(request: Request, address: str) -> Request:
    """Makes a GET request for an address, so that a page drawn ahead has forms that name it."""
    parts = urlsplit(address)
    return Request(
        {
            **request.scope,
            "method": "GET",
            "path": parts.path,
            "raw_path": parts.path.encode(),
            "query_string": parts.query.encode(),
            "path_params": {"chrono": parts.path.rpartition("/")[2]},
        }
    )


def _text(query: Mapping[str, str], name: str) -> str:
    return query.get(name, "").strip().replace("\0", "")[:_LONGEST]


def choices(site: Site, rule: str = "") -> Mapping[str, Sequence[tuple[str, str]]]:
    """Returns what the filters of the queue offer: values and their French words, by field.

    `rule`: one that is asked for, though the site may have it no more.
    """
    names = [
        *(name for mailbox in site.sources.mailboxes for name in mailbox.watched),
        *(f"scans:{folder.id}" for folder in site.sources.scan_folders),
        "spool",
    ]
    rules = dict.fromkeys((*(rule.id for rule in site.routing.rules), rule or NO_RULE))
    return {
        "service": [(row.id, row.name) for row in site.services.services],
        "source": [(name, labels_fr.source(name)) for name in names],
        "regle": [
            *((name, name) for name in rules if name != NO_RULE),
            (NO_RULE, "aucune règle ne l’a reconnu"),
        ],
    }
