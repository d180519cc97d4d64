"""What `vaguemestre status` says: everything on one screen, and what needs a person."""

import io
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

from services.ingest.source_status import SourceStatus
from services.ops.status.needs import needs, summary
from services.ops.status.overview import KeptReplies, Overview, ProcessState, Schema, WaitingWork
from services.ops.status.questions import health_warnings, version_of, writing_key
from services.ops.status.screen import show
from shared.platform.observability.health import Health, State, Well

WELL = Overview(
    now=datetime(2026, 5, 11, 10, 0, tzinfo=ZoneInfo("Europe/Paris")),
    story=False,
    authority="Préfecture de l’Indre",
    target=0.9,
    live=True,
    processes=(ProcessState("ingest"), ProcessState("desk-keep")),
    schemas=tuple(Schema(name, 0, 0.0, 0, 0) for name in ("ingest", "desk", "sla", "notify")),
    words={"item": 40, "set_aside": 7},
    unnamed=0,
    kept=(KeptReplies("bmi", 19, 20, 0, 4), KeptReplies("bre", 3, 4, 0, 1)),
    waits=(),
    held=0,
    silenced=0,
    rung_seconds=12.0,
    mail_seconds=0.0,
)
DESK = Schema("desk", 0, 0.0, 0, 0)


def shown(seen: Overview) -> str:
    out = io.StringIO()
    show(seen, list(needs(seen)), Console(file=out, width=140, highlight=False))
    return out.getvalue()


def test_all_is_well_on_one_screen() -> None:
    said = shown(WELL)
    assert "Nothing needs a person." in said
    assert len(said.splitlines()) <= 24
    for word in ("40 item, 7 set aside", "reminders 12 s", "75% < 90%", "4 (few)"):
        assert word in said


@pytest.mark.parametrize(
    ("seen", "waiting"),
    [
        (replace(WELL, waits=(WaitingWork("to_qualify", 3, 1),)), "3 to qualify"),
        (replace(WELL, waits=(WaitingWork("quarantine", 52, 0),)), "52 in quarantine"),
        (replace(WELL, held=196), "196 held for a decision"),
        (replace(WELL, held=1, waits=(WaitingWork("held", 2, 0),)), "3 held for a decision"),
        (replace(WELL, silenced=1), "1 silenced (`vaguemestre notify silenced list`)"),
    ],
)
def test_over_what_waits_nobody_reads_that_nothing_needs_a_person(
    seen: Overview, waiting: str
) -> None:
    said = shown(seen)
    assert f"waiting    {waiting}" in said
    assert "Nothing needs a person." not in said
    assert "Nothing is wrong; what waits is people's work." in said
    assert "! " not in said


@pytest.mark.parametrize(
    ("seen", "sentence"),
    [
        (
            replace(WELL, processes=(ProcessState("sla", "It does not answer."),)),
            "sla: It does not",
        ),
        (
            replace(
                WELL,
                processes=(
                    ProcessState("ingest", writes="2026-5f0c91aa"),
                    ProcessState("portal", writes="in clear"),
                    ProcessState("sla"),
                ),
            ),
            "portal: writes in clear while key 2026-5f0c91aa encrypts elsewhere",
        ),
        (replace(WELL, schemas=(replace(DESK, dead=2),)), "desk: 2 dead letters"),
        (replace(WELL, schemas=(replace(DESK, untold=1, untold_seconds=301),)), "Kafka for 5 min"),
        (replace(WELL, schemas=(replace(DESK, lag=None),)), "Kafka does not answer"),
        (
            replace(WELL, unnamed=1),
            "1 arrivals are kept and not registered: run `vaguemestre crosscheck`",
        ),
        (
            replace(WELL, schemas=(replace(DESK, unheard=7),)),
            "desk: 7 facts were told, never heard",
        ),
        (
            replace(WELL, schemas=(replace(DESK, went_back=True),)),
            "desk: PostgreSQL went back to an earlier state",
        ),
        (replace(WELL, rung_seconds=7200), "Reminders are 2 h late"),
        (replace(WELL, mail_seconds=1801), "Mails have waited"),
        (replace(WELL, webhooks_failed=2), "2 items could not be told to other programs"),
        (replace(WELL, webhook_seconds=7200), "Other programs have waited to be told for 2 h"),
        (replace(WELL, parapheur_failed=3), "3 letters failed at the parapheur"),
        (replace(WELL, parapheur_unanswered=2), "2 letters wait for a parapheur that gives no"),
        (replace(WELL, secure_mails_failed=1), "1 letters did not leave as mails sécurisés"),
        (replace(WELL, secure_mails_unanswered=2), "2 mails sécurisés wait for a Pastell that"),
        (replace(WELL, deposits_failed=1), "1 packages for the archive wait for a person"),
        (replace(WELL, deposits_unanswered=2), "2 packages wait for an archive's server"),
        (
            replace(WELL, waits=(WaitingWork("quarantine", 1, 2),)),
            "1 in quarantine, the oldest for 2",
        ),
        (
            replace(WELL, kept=(KeptReplies("bmi", 1, 2, 1, 0),)),
            "bmi: 1 unanswered past their limit",
        ),
    ],
)
def test_what_does_not_mend_itself_needs_a_person(seen: Overview, sentence: str) -> None:
    (need,) = needs(seen)
    assert sentence in need
    assert f"! {need}" in shown(seen)


def test_what_is_on_its_way_needs_nobody() -> None:
    busy = replace(WELL, unnamed=5, schemas=(replace(DESK, lag=5, untold=2, untold_seconds=1.0),))
    assert list(needs(busy)) == []


async def test_what_a_scan_folder_never_reads_is_said_though_all_is_well() -> None:
    status = SourceStatus("scans:courrier")
    status.read(datetime(2026, 5, 11, 8, 0, tzinfo=UTC))
    status.ignored, status.came_back = {"hidden": 2, "deep": 1}, 1
    health = Health("ingest")
    health.add({"source scans:courrier": status.check, "database": _well})
    code, body = await health.answer()
    assert code == 200
    seen = replace(WELL, processes=(ProcessState("ingest", look=health_warnings(body)),))
    (said,) = needs(seen)
    assert said == (
        "ingest: scans:courrier holds what is never read (1 deep, 2 hidden): move or rename it. "
        "1 files of scans:courrier changed after they were read and were read again: join what was "
        "registered twice."
    )


async def _well() -> State:
    return Well()


async def test_services_of_one_process_say_their_key_once() -> None:
    health = Health("run")
    for service in ("ingest", "keep", "notify"):
        health.add({f"{service}: encryption": _writes})
    _, body = await health.answer()
    assert writing_key(body) == "2026"


async def _writes() -> State:
    return Well({"writes": "2026"})


def test_a_program_reads_what_stopped_apart_from_what_waits_for_people() -> None:
    seen = replace(
        WELL,
        processes=(ProcessState("ingest", "It does not answer."), ProcessState("sla", version="1")),
        schemas=(replace(DESK, untold=2, untold_seconds=400.0, lag=3, dead=1),),
        waits=(WaitingWork("quarantine", 52, 2),),
    )
    assert summary(seen) == {
        "authority": "Préfecture de l’Indre",
        "live": True,
        "processes": {"ingest": "", "sla": "1"},
        "wrong": ["ingest: It does not answer.", "desk: facts have waited for Kafka for 7 min."],
        "people": [
            "desk: 1 dead letters; `vaguemestre desk dead-letters list`",
            "52 in quarantine, the oldest for 2 jours ouvrés.",
        ],
        "waiting": 5,
        "dead": 1,
    }


def test_what_stopped_is_among_what_needs_a_person() -> None:
    seen = replace(
        WELL,
        schemas=(replace(DESK, lag=None), replace(DESK, name="sla", went_back=True)),
    )
    wrong = summary(seen)["wrong"]
    assert [sentence.split(":")[0] for sentence in needs(seen)] == ["Kafka does not answer", "sla"]
    assert wrong == list(needs(seen))


@pytest.mark.parametrize(
    ("health", "version"), [(b'{"version": "1.3.0"}', "1.3.0"), (b"{}", ""), (b"<", "")]
)
def test_a_process_says_its_version_or_none(health: bytes, version: str) -> None:
    assert version_of(health) == version
