"""What an auditor drew, as a ZIP: the list, the draw, and the proof of each item drawn."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.resources import files

from services.desk.domain import sampling
from services.desk.domain.sampling import Ranked
from services.desk.proof import archive
from services.desk.proof.archive import table

NAMES = ("numero", "service", "canal", "recu_le", "resultat", "limite", "jours_ouvres", "rang")


@dataclass(frozen=True, slots=True)
class Sample:
    """A draw over a period."""

    first: date
    last: date
    seed: str
    each: int
    ranked: Sequence[Ranked]
    """The whole list, drawn or not."""

    @property
    def hidden(self) -> int:
        """Items that whoever drew may not see: in the list by their number alone."""
        return sum(one.candidate.masked for one in self.ranked)

    @property
    def hidden_drawn(self) -> int:
        """Those of them that were drawn: somebody who may opens them."""
        return sum(one.candidate.masked for one in self.drawn)

    @property
    def population(self) -> str:
        """The digest of the list: the same list and seed draw the same."""
        return sampling.population(one.candidate for one in self.ranked)

    @property
    def drawn(self) -> Sequence[Ranked]:
        """Those drawn, by service, channel and rank."""
        return [one for one in self.ranked if one.drawn]


def zipped(sample: Sample, proofs: Mapping[str, bytes], made_at: datetime) -> bytes:
    """The ZIP; `proofs`: of each item drawn, its own ZIP, by chrono."""
    return archive.packed(_entries(sample, proofs, made_at))


def _entries(
    sample: Sample, proofs: Mapping[str, bytes], made_at: datetime
) -> Iterable[tuple[str, bytes]]:
    texts = files("services.desk.proof")
    page = texts.joinpath("TIRAGE.txt").read_text(encoding="utf-8")
    yield (
        "LISEZMOI.txt",
        page.format(
            first=f"{sample.first:%d/%m/%Y}",
            last=f"{sample.last:%d/%m/%Y}",
            made=made_at.astimezone(UTC).strftime("%d/%m/%Y à %H h %M (temps universel)"),
            seed=sample.seed,
            each=sample.each,
            population=len(sample.ranked),
            drawn=len(sample.drawn),
            hidden=sample.hidden,
            hidden_drawn=sample.hidden_drawn,
            digest=sample.population,
        ).encode(),
    )
    yield "retirer.py", texts.joinpath("retirer.py").read_bytes()
    yield "graine.csv", table(("graine", "chacun"), [(sample.seed, sample.each)])
    by_chrono = sorted(sample.ranked, key=lambda one: one.candidate.chrono)
    yield "population.csv", table(NAMES, (_line(one) for one in by_chrono))
    drawn = ((*_line(one), "") for one in sample.drawn)
    yield "tirage.csv", table((*NAMES, "constat"), drawn)
    for chrono, proof in proofs.items():
        yield f"preuves/{chrono}.zip", proof


def _line(one: Ranked) -> tuple[object, ...]:
    kept = one.candidate
    return (
        kept.chrono,
        kept.service,
        kept.channel,
        kept.received_on or "",
        kept.result,
        kept.limit_day or "",
        "" if kept.days < 0 else kept.days,
        one.rank,
    )
