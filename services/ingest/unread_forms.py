"""Counting the mails of website forms whose layout is not recognised any more, by the form's id.

A website that was redesigned writes otherwise from one day to the next: each of its mails enters
whole and held, and an alert on the counter tells the operators, who correct routing.yaml.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from services.ingest.arrival_writer import (
    ArrivalWriter,
    CandidateArrival,
    CheckpointUpdate,
    WrittenArrivals,
)
from services.ingest.domain.judgement import ArrivalJudgement
from services.ingest.metrics import FORMS_UNREAD
from shared.content.blobs import Blobs
from shared.platform.database import Pool
from shared.platform.observability.logs import Log
from shared.platform.observability.telemetry import Telemetry
from shared.platform.service_life import ServiceContext
from shared.site.applied_rules import AppliedRules
from shared.site.tables.bundle import Site

log = Log("forms")


class UnreadForms:
    """The counter of mails of website forms that were not recognised, by the form's id."""

    def __init__(self, telemetry: Telemetry, site: Callable[[], Site]) -> None:
        self._counter = FORMS_UNREAD.on(telemetry.registry)
        self._site = site
        telemetry.on_scrape(self._begin)

    def count(self, form: str) -> None:
        """Counts one mail of a website form that was not recognised, and logs the form's id."""
        log.warning("form_unread", form=form)
        self._counter.labels(form).inc()

    async def _begin(self) -> None:
        """Each form of the applied rules begins at zero, so that its first increase is seen."""
        for form in self._site().routing.forms:
            self._counter.labels(form.id)


class CountingWriter(ArrivalWriter):
    """An ArrivalWriter that also counts the new mails of forms that were not recognised."""

    def __init__(
        self,
        pool: Pool,
        blobs: Blobs,
        zone: ZoneInfo,
        lacking: Callable[[], str | None],
        forms: UnreadForms,
    ) -> None:
        super().__init__(pool, blobs, zone, lacking)
        self._forms = forms

    async def keep(
        self,
        arrivals: Sequence[CandidateArrival],
        now: datetime,
        stand: CheckpointUpdate | None = None,
    ) -> WrittenArrivals:
        """Stores a batch of arrivals as `ArrivalWriter.keep` does, then counts."""
        kept = await super().keep(arrivals, now, stand)
        unique = {candidate.arrival_id: candidate for candidate in arrivals}
        for arrival_id in kept.new:
            for judgement in unique[arrival_id].judgements:
                if isinstance(judgement, ArrivalJudgement) and judgement.unread_form is not None:
                    self._forms.count(judgement.unread_form)
        return kept


def counting_writer(
    ground: ServiceContext, blobs: Blobs, in_force: AppliedRules, lacking: Callable[[], str | None]
) -> CountingWriter:
    """Makes the writer of a running ingest process, whose counter is among its metrics."""
    forms = UnreadForms(ground.telemetry, lambda: in_force.applied.site)
    return CountingWriter(ground.pool, blobs, in_force.applied.site.zone, lacking, forms)
