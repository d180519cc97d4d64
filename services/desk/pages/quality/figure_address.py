"""What the address of a page of figures chooses: a month, a service, a channel; and the way on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from starlette.exceptions import HTTPException

from services.desk.french import labels_fr
from services.desk.pages.visit import Visit
from services.desk.quality.domain.figures import FigureKey, FigureRow
from services.desk.quality.store.figures import FigureQuestion
from services.desk.sheets import KINDS
from shared.calendar.local_days import month_after, month_named
from shared.facts.vocabulary import Channel


@dataclass(frozen=True, slots=True)
class FigureFilter:
    """The filter of a page of quality figures (service, channel), kept in its address."""

    service: str = ""
    channel: str = ""

    def question(self, first: date, last: date, live: date | None) -> FigureQuestion:
        """Makes the query for the quality figures of some months, with the page's filter.

        `live`: the month of go-live, before which there are none: what was imported was promised
        nothing. `None`: no month at all.
        """
        since = month_after(last) if live is None else max(first, live)
        return FigureQuestion(since, last, self.service or None, self.channel or None)

    def fill_key(self, key: FigureKey) -> FigureKey:
        """Returns a figure's key in which the filter's service and channel replace « all »."""
        return key._replace(
            service=key.service or self.service or None,
            channel=key.channel or self.channel or None,
        )

    def distinct(self, figures: Iterable[FigureRow]) -> Sequence[FigureRow]:
        """Removes totals over all services or channels, which with a filter repeat its only one."""
        return [
            figure
            for figure in figures
            if (figure.key.service or not self.service) and (figure.key.channel or not self.channel)
        ]

    def file(self, period: str, kind: str) -> str:
        """Returns the name of a file of figures: `chiffres-2026-05-bmi.xlsx`."""
        return "-".join(filter(None, ("chiffres", period, self.service, self.channel))) + kind

    def address(self, path: str, **more: str) -> str:
        """Returns the address of another page of figures with the same service and channel.

        `more`: what else it says, such as where a list goes on.
        """
        chosen = {"service": self.service, "canal": self.channel, **more}
        query = urlencode({name: value for name, value in chosen.items() if value})
        return f"{path}?{query}" if query else path


def read_filter(visit: Visit) -> FigureFilter:
    """Reads the filter of figures from the page's address; unknown values are ignored."""
    asked = visit.request.query_params
    service, channel = asked.get("service", ""), asked.get("canal", "")
    known = {row.id for row in visit.applied.site.services.services}
    return FigureFilter(
        service if service in known else "", channel if channel in set(Channel) else ""
    )


def choices(visit: Visit) -> Mapping[str, Sequence[tuple[str, str]]]:
    """Returns the choices of the figures' filter: services and channels with their words."""
    return {
        "services": [(row.id, row.name) for row in visit.applied.site.services.services],
        "channels": [(channel.value, labels_fr.CHANNELS[channel]) for channel in Channel],
    }


def kind_of_address(visit: Visit) -> str:
    """Parses the kind of file in the page's address (`.xlsx` …). Raises HTTPException 404."""
    kind = f".{visit.request.path_params['kind']}"
    if kind not in KINDS:
        raise HTTPException(404)
    return kind


def month_asked(text: str) -> date | None:
    """Parses a month that an address or form names, YYYY-MM; `None`: it names none."""
    try:
        return month_named(text)
    except ValueError:
        return None
