"""Who ended begins again after a pause that grows; who was asked to end does not, or is killed."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from services.__main__ import main
from services.ops.fleet.listing import read
from services.ops.fleet.walk import restart_of
from services.ops.host import command, fork
from services.ops.host.children import HeldProcess, ProcessTable
from services.ops.host.control import ProcessLine
from services.ops.host.places import HostPlaces, SiteProcess, SystemAccount
from shared.errors import PermanentFailure

RUN, PORTAL = SiteProcess("36", "run"), SiteProcess("36", "portal")


@pytest.fixture
def children() -> ProcessTable:
    made = ProcessTable()
    made.add([RUN, PORTAL])
    for pid, state in enumerate(made.due(0.0), 11):
        made.note_begin(state, pid, 0.0)
    return made


def run_of(children: ProcessTable) -> HeldProcess:
    return children.states[RUN]


def test_all_begin_at_once_and_what_is_known_is_not_begun_twice(children: ProcessTable) -> None:
    assert [state.pid for state in children.states.values()] == [11, 12]
    children.add([RUN, PORTAL])
    assert list(children.due(1000.0)) == []
    assert children.seconds(1000.0) is None


def test_the_pause_grows_until_one_has_run_for_a_while(children: ProcessTable) -> None:
    now, pauses = 0.0, []
    for pid in range(100, 108):
        run_of(children).pid = pid
        run_of(children).began = now
        children.note_end(pid, 1, now + 1)
        pauses.append(run_of(children).again_at - now - 1)
        now = run_of(children).again_at
    assert pauses == [1, 2, 5, 10, 30, 60, 60, 60]
    children.note_begin(run_of(children), 200, now)
    children.note_end(200, 1, now + 61)
    assert run_of(children).again_at == now + 62
    assert children.seconds(now + 61.5) == 0.5


def test_what_a_person_stopped_stays_so_and_what_they_restart_begins_at_once(
    children: ProcessTable,
) -> None:
    run_of(children).wanted = False
    for state in children.of("36", None):
        children.note_request(state, 10.0)
    children.note_end(11, 0, 12.0)
    children.note_end(12, -15, 12.0)
    assert [state.which for state in children.due(12.0)] == [PORTAL]


def test_who_does_not_end_when_asked_is_killed(children: ProcessTable) -> None:
    children.note_request(run_of(children), 10.0)
    children.note_request(run_of(children), 50.0)
    assert list(children.late(84.9)) == []
    assert [state.which for state in children.late(85.0)] == [RUN]
    assert children.seconds(80.0) == 5.0
    # One that the kernel can't end yet is not killed again and again meanwhile.
    children.note_kill(run_of(children), 85.0)
    assert list(children.late(86.0)) == []
    assert children.seconds(86.0) == 74.0
    assert [state.which for state in children.late(160.0)] == [RUN]


def test_what_could_not_begin_waits_as_one_that_ended(children: ProcessTable) -> None:
    children.note_end(11, 1, 100.0)
    pauses = []
    for _ in range(3):
        children.note_no_begin(run_of(children), 200.0)
        pauses.append(run_of(children).again_at - 200.0)
    assert pauses == [2.0, 5.0, 10.0]


def test_who_ended_by_3_waits_for_a_person_as_its_unit_says(children: ProcessTable) -> None:
    children.note_end(11, 3, 10.0)
    children.note_end(12, 3, 10.0)
    assert [state.which for state in children.due(1000.0)] == [RUN]
    assert [(s.which, s.refused) for s in children.states.values()] == [
        (RUN, False), (PORTAL, True),
    ]  # fmt: skip


def test_status_says_who_waits_for_a_person_and_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    for refused, said, code in ((True, "ended by code 3", 1), (False, "was stopped", 0)):
        line = ProcessLine("36", "portal", wanted=False, pid=None, seconds=0.0, refused=refused)
        monkeypatch.setattr(command, "ask", lambda *_, line=line: [line])
        done = CliRunner().invoke(main, ["host", "status"])
        assert said in done.output
        assert done.exit_code == code


def test_no_site_s_process_is_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        fork, "_has_a_session_of_its_own", lambda which: pytest.fail(f"{which} goes on as root")
    )
    places = HostPlaces(etc=tmp_path, account=lambda _: SystemAccount(0, 36, (36,)))
    with pytest.raises(SystemExit):
        fork.Fork(PORTAL, places, 1).become()


def test_what_ended_and_is_none_of_ours_changes_nothing(children: ProcessTable) -> None:
    assert children.note_end(4711, 1, 5.0) is None
    assert children.stand()


def test_a_process_is_told_what_its_sites_files_say(tmp_path: Path) -> None:
    (tmp_path / "36").mkdir()
    (tmp_path / "36/env").write_text("# a word\nVAGUEMESTRE_KAFKA=k:9092\nVAGUEMESTRE_POOL=4\n")
    (tmp_path / "36/run.env").write_text('VAGUEMESTRE_POOL="2"\nVAGUEMESTRE_PORTS={"run": 1}')
    told = HostPlaces(etc=tmp_path).variables(RUN)
    assert told == {
        "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/", "VAGUEMESTRE_DATA": "/nonexistent",
        "VAGUEMESTRE_KAFKA": "k:9092", "VAGUEMESTRE_POOL": "2", "VAGUEMESTRE_PORTS": '{"run": 1}',
    }  # fmt: skip


@pytest.mark.parametrize("line", ["A=b\\", 'A="b" c', "A='b", "A", "export A=b", "# A\\"])
def test_a_line_that_a_unit_might_read_otherwise_is_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "36").mkdir()
    (tmp_path / "36/env").write_text(f"; a word\n\nB=c\n{line}\n")
    with pytest.raises(PermanentFailure, match="36/env:4 is not read"):
        HostPlaces(etc=tmp_path).variables(RUN)


def test_what_a_parent_holds_is_restarted_by_it_and_by_no_unit(tmp_path: Path) -> None:
    path = tmp_path / "fleet.yaml"
    path.write_text("topics: --replication 3\nsites: [{site: a}, {site: b, under: host}]")
    sites = read(path).sites
    assert [restart_of(site, "serve") for site in sites] == [
        ("systemctl", "restart", "vaguemestre-serve@a"),
        ("/opt/vaguemestre/current/bin/vaguemestre", "host", "restart", "b", "serve"),
    ]
