"""The letters of a file that somebody handed in, as the door keeps them: one, or one a sheet."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time
from zoneinfo import ZoneInfo

from services.ingest.arrival_writer import CandidateArrival
from services.ingest.capture_metadata import of_upload
from services.ingest.domain.document import ScannedDocument
from services.ingest.domain.rules import JudgeRules
from services.ingest.safe_judges import judged_upload
from shared.content.spool import SOURCE, SpoolFile, UploadDeposit, spool_file
from shared.facts.ids import arrival_id, part_name


def letters_of(
    site: str,
    upload: UploadDeposit,
    number: int,
    file: SpoolFile,
    papers: Sequence[ScannedDocument],
    rules: JudgeRules,
) -> list[CandidateArrival]:
    """Judges the documents cut from the file `number` (from 0) of an upload; returns them to keep.

    `site`: the préfecture's id. The first bears the number that the file has alone. Each is kept
    with what the sheet before it said, so that it can be judged again without the sheet.
    """
    several = len(papers) > 1
    letters = list[CandidateArrival]()
    for place, cut in enumerate(papers):
        paper = cut if several else replace(cut, batch=None)
        said = _as_sheets_say(upload, paper, rules.site.zone)
        alone = _file_of(file, paper)
        letters.append(
            CandidateArrival(
                arrival_id=arrival_id(site, SOURCE, part_name(upload.id, number, place)),
                source=SOURCE,
                octets=paper.octets,
                shown_at=upload.received_on or upload.at,
                judgements=(judged_upload(upload, alone, paper, rules),),
                shown_as=of_upload(said, alone),
            )
        )
    return letters


def _as_sheets_say(upload: UploadDeposit, paper: ScannedDocument, zone: ZoneInfo) -> UploadDeposit:
    """An upload with the service and the day of the sheets that stood before a document."""
    service = paper.separator or paper.home or upload.service
    received = upload.received_on
    if received is None and paper.day is not None:
        received = min(datetime.combine(paper.day, time(12), zone), upload.at)
    return upload.model_copy(update={"service": service, "received_on": received})


def _file_of(file: SpoolFile, paper: ScannedDocument) -> SpoolFile:
    """What describes the octets of a document, which may be a part of the file."""
    part = spool_file(file.name, file.media_type, paper.octets)
    return part.model_copy(update={"unlooked": file.unlooked, "too_large": file.too_large})
