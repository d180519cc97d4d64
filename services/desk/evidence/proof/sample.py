"""What an auditor drew, as a ZIP: the list, the draw, and the proof of each item drawn."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files

from services.desk.evidence.domain import sampling
from services.desk.evidence.domain.sampling import UNDRAWN, Candidate, Ranked, Wanted
from services.desk.evidence.proof import archive
from services.desk.evidence.proof.archive import table
from services.desk.evidence.store.audit_lists import Frozen
from shared.facts.quality import DrawMade, DrawMode

NAMES = (*sampling.NAMES[:-1], "rang")
MODES = {DrawMode.TOTAL: "en tout", DrawMode.EACH: "par strate, au plus"}


@dataclass(frozen=True, slots=True)
class Sample:
    """A random draw of an auditor, computed again from its frozen list and seed."""

    told: DrawMade
    frame: Frozen
    ranked: Sequence[Ranked]
    """All that could be drawn."""

    @property
    def drawn(self) -> Sequence[Ranked]:
        """The items that were drawn, by stratum and rank."""
        return [ranked for ranked in self.ranked if ranked.drawn]

    @property
    def hidden(self) -> int:
        """The number of items on the list of which only the number may be shown (réservé)."""
        return sum(ranked.candidate.masked for ranked in self.ranked)

    @property
    def hidden_drawn(self) -> int:
        """The number of drawn items of which only the number may be shown (réservé)."""
        return sum(ranked.candidate.masked for ranked in self.drawn)

    @property
    def undrawn(self) -> Sequence[Candidate]:
        """The items on the list in strata from which nothing is drawn."""
        return [
            candidate
            for candidate in sampling.read(self.frame.content)
            if candidate.stratum in UNDRAWN
        ]

    @property
    def again(self) -> bool:
        """Whether the frozen list and seed, computed again, give the draw that was stated."""
        return [ranked.candidate.item_id for ranked in self.drawn] == list(self.told.chosen)


def sample(told: DrawMade, frame: Frozen) -> Sample:
    """Computes a stated draw again from its frozen list."""
    known = sampling.read(frame.content)
    return Sample(told, frame, sampling.draw(known, Wanted(told.seed, told.mode, told.count)))


def zip_sample(drawn: Sample, proofs: Mapping[str, bytes], made_at: datetime) -> bytes:
    """Packs a draw as a ZIP; `proofs`: the proof ZIP of each drawn item, by chrono."""
    return archive.zip_files(_entries(drawn, proofs, made_at))


def _entries(
    drawn: Sample, proofs: Mapping[str, bytes], made_at: datetime
) -> Iterable[tuple[str, bytes]]:
    texts, told = files("services.desk.evidence.proof"), drawn.told
    page = texts.joinpath("TIRAGE.txt").read_text(encoding="utf-8")
    yield (
        "LISEZMOI.txt",
        page.format(
            number=told.seq,
            list=drawn.frame.number,
            first=f"{told.first:%d/%m/%Y}",
            last=f"{told.last:%d/%m/%Y}",
            frozen=_moment(drawn.frame.frozen_at),
            drawn_at=_moment(told.recorded_at),
            made=_moment(made_at),
            seed=told.seed,
            count=told.count,
            mode=MODES[told.mode],
            population=drawn.frame.n,
            undrawn=len(drawn.undrawn),
            drawn=len(drawn.drawn),
            hidden=drawn.hidden,
            hidden_drawn=drawn.hidden_drawn,
            later=len(drawn.drawn) - drawn.hidden_drawn - len(proofs),
            digest=told.frame,
        ).encode(),
    )
    yield "retirer.py", texts.joinpath("retirer.py").read_bytes()
    yield (
        "tirage.json",
        json.dumps(json.loads(told.model_dump_json()), ensure_ascii=False, indent=2).encode(),
    )
    yield "liste.csv", drawn.frame.content.encode()
    shares = [(share.stratum, share.n, share.drawn) for share in told.shares]
    undrawn = Counter(candidate.stratum for candidate in drawn.undrawn)
    shares += [(stratum, n, 0) for stratum, n in sorted(undrawn.items())]
    yield "strates.csv", table(("strate", "courriers", "tires"), shares)
    lines = ((*_line(ranked.candidate), ranked.rank, "") for ranked in drawn.drawn)
    yield "tirage.csv", table((*NAMES, "constat"), lines)
    for chrono, proof in proofs.items():
        yield f"preuves/{chrono}.zip", proof


def _line(kept: Candidate) -> tuple[object, ...]:
    return (
        kept.chrono,
        kept.stratum,
        kept.service,
        kept.channel,
        kept.received_on or "",
        kept.result,
        kept.limit_day or "",
        "" if kept.days < 0 else kept.days,
    )


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%d/%m/%Y à %H h %M (temps universel)")
