"""A fleet of préfectures: one after the other, each well before the next is touched.

The programs that the commands type — vaguemestre-as, systemctl, ln, ssh — are stand-ins in sh that
keep what was typed and, of each site, the version linked and the version that runs.
"""

import fcntl
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from services.__main__ import main
from services.ops.fleet.listing import BadFleet, read

FLEET = """
topics: --replication 3
sites:
  - site: "36"
  - site: "18"
    host: srv2.example
    topics: --replication 1 --size small
  - site: "974"
"""
STAND_INS: Mapping[str, str] = {
    "vaguemestre-as": """
site=$1 role=$2
shift 2
case "$role $1" in
"status status")
    [ -e "$STATE/$site/old" ] && { echo "Error: No such option: --json" >&2; exit 2; }
    version=$(cat "$STATE/$site/runs")
    wrong=$(cat "$STATE/$site/wrong" 2>/dev/null)
    printf '{"authority": "Site %s", "processes": {"ingest": "%s", "serve": "%s", "sla": "%s"},' \\
        "$site" "$version" "$version" "$version"
    printf '"wrong": [%s], "people": ["3 in quarantine"], "waiting": 2, "dead": 0}\\n' "$wrong" ;;
"owner migrate"|"owner topics")
    echo "$site ${VAGUEMESTRE_PROGRAM:-own} $*" >> "$STATE/typed"
    [ -e "$STATE/$site/refuses" ] && { echo "Error: site/0700 fails." >&2; exit 1; }
    exit 0 ;;
*)  echo "$site $role $*" >> "$STATE/typed"; echo "done $*" ;;
esac
""",
    "ln": """
echo "$*" >> "$STATE/typed"
echo "$2" > "$STATE/${3##*-}/link"
""",
    "systemctl": """
echo "$*" >> "$STATE/typed"
site=${2##*@}
[ -e "$STATE/$site/stays" ] || cp "$STATE/$site/link" "$STATE/$site/runs"
""",
    "readlink": 'cat "$STATE/${1##*-}/link" 2>/dev/null',
    "ssh": """
while [ "$1" != -- ]; do shift; done
echo "ssh $2" >> "$STATE/typed"
exec sh -c "$3"
""",
    "ls": '[ -e "$STATE/installed" ]',
}


class Machines:
    """Stand-ins of the machines of three sites, all at 1.2.0 and well, 1.3.0 installed."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.state = folder / "state"
        self.file = folder / "fleet.yaml"
        self.file.write_text(FLEET)
        programs = folder / "bin"
        programs.mkdir()
        for name, said in STAND_INS.items():
            (programs / name).write_text(f"#!/bin/sh\n{said}")
            (programs / name).chmod(0o755)
        for site in ("36", "18", "974"):
            (self.state / site).mkdir(parents=True)
            self.at(site, "runs", "1.2.0")
        (self.state / "installed").touch()
        monkeypatch.setenv("STATE", str(self.state))
        monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")

    def at(self, site: str, name: str, said: str = "") -> None:
        """Sets what a site's stand-ins are to say."""
        (self.state / site / name).write_text(said)

    def runs(self, site: str) -> str:
        """The version that a site's processes say."""
        return (self.state / site / "runs").read_text().strip()

    @property
    def typed(self) -> list[str]:
        """What was typed that changes something, in order."""
        path = self.state / "typed"
        lines = path.read_text().splitlines() if path.exists() else []
        return [line for line in lines if not line.startswith("ssh")]

    def fleet(self, *words: str) -> Result:
        """Types a command of the fleet."""
        name, *rest = words
        return CliRunner().invoke(main, ["fleet", name, "--fleet", str(self.file), *rest])


@pytest.fixture
def machines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machines:
    monkeypatch.setattr("services.ops.fleet.walk.BETWEEN_SECONDS", 0.0)
    return Machines(tmp_path, monkeypatch)


def test_each_site_is_migrated_switched_restarted_and_well_before_the_next(
    machines: Machines,
) -> None:
    done = machines.fleet("upgrade", "1.3.0")
    assert done.exit_code == 0, done.output
    new = "/opt/vaguemestre/1.3.0/bin/vaguemestre"
    assert machines.typed[:6] == [
        f"36 {new} migrate",
        f"36 {new} topics --replication 3",
        "-sfn 1.3.0 /opt/vaguemestre/site-36",
        "restart vaguemestre-sla@36",
        "restart vaguemestre-serve@36",
        "restart vaguemestre-ingest@36",
    ]
    assert machines.typed[6:8] == [
        f"18 {new} migrate",
        f"18 {new} topics --replication 1 --size small",
    ]
    assert [machines.runs(site) for site in ("36", "18", "974")] == ["1.3.0"] * 3
    assert "All 3 sites are at 1.3.0 and well." in done.output


def test_only_what_is_on_another_machine_goes_by_ssh(machines: Machines) -> None:
    assert machines.fleet("upgrade", "1.3.0", "--site", "36").exit_code == 0
    assert "ssh" not in (machines.state / "typed").read_text()
    assert machines.fleet("upgrade", "1.3.0", "--site", "18").exit_code == 0
    assert "ssh srv2.example" in (machines.state / "typed").read_text()
    assert machines.runs("974") == "1.2.0"


def test_the_first_that_does_not_become_well_ends_it_and_the_same_words_resume(
    machines: Machines,
) -> None:
    machines.at("18", "stays")
    stopped = machines.fleet("upgrade", "1.3.0", "--wait", "1")
    assert stopped.exit_code == 1
    assert "18 did not become well within 1 s: it says 1.2.0." in stopped.output
    assert "The sites after it were not touched." in stopped.output
    assert [machines.runs(site) for site in ("36", "18", "974")] == ["1.3.0", "1.2.0", "1.2.0"]
    assert not any("974" in line for line in machines.typed)
    (machines.state / "18/stays").unlink()
    (machines.state / "typed").unlink()
    assert machines.fleet("upgrade", "1.3.0").exit_code == 0
    assert not any("36" in line for line in machines.typed)
    assert [machines.runs(site) for site in ("36", "18", "974")] == ["1.3.0"] * 3


def test_a_site_that_is_not_well_before_is_not_touched(machines: Machines) -> None:
    machines.at("36", "wrong", '"ingest: It does not answer."')
    stopped = machines.fleet("upgrade", "1.3.0")
    assert stopped.exit_code == 1
    assert "36 is not well, and was not touched: ingest: It does not answer." in stopped.output
    assert machines.typed == []


def test_a_database_that_refuses_leaves_the_former_program_running(machines: Machines) -> None:
    machines.at("36", "refuses")
    stopped = machines.fleet("upgrade", "1.3.0")
    assert stopped.exit_code == 1
    assert "36, migrate: Error: site/0700 fails. It goes on with its former program." in (
        stopped.output
    )
    assert len(machines.typed) == 1
    assert machines.runs("36") == "1.2.0"


def test_a_release_that_is_nowhere_touches_no_site(machines: Machines) -> None:
    (machines.state / "installed").unlink()
    stopped = machines.fleet("upgrade", "1.3.0")
    assert stopped.exit_code == 1
    assert "1.3.0 is not installed on this machine: no site was touched." in stopped.output
    assert machines.typed == []


def test_a_program_from_before_is_upgraded_by_hand_once(machines: Machines) -> None:
    machines.at("974", "old")
    stopped = machines.fleet("upgrade", "1.3.0", "--site", "974")
    assert "974 is not well, and was not touched: Its program is too old to say" in stopped.output


def test_the_plan_says_each_site_and_changes_nothing(machines: Machines) -> None:
    machines.at("36", "runs", "1.3.0")
    machines.at("974", "wrong", '"Kafka does not answer."')
    said = machines.fleet("plan", "1.3.0")
    assert said.exit_code == 1
    assert said.output.splitlines() == [
        "36  1.3.0 → 1.3.0  nothing to do",
        "18  1.2.0 → 1.3.0  migrate, topics --replication 1 --size small, restart 3 processes",
        "974  1.2.0 → 1.3.0  refused: Kafka does not answer.",
    ]
    assert machines.typed == []


def test_all_sites_stand_on_one_screen(machines: Machines) -> None:
    assert machines.fleet("status").exit_code == 0
    machines.at("18", "wrong", '"sla: It does not answer."')
    said = machines.fleet("status")
    assert said.exit_code == 1
    rows = [line.split() for line in said.output.splitlines() if line]
    assert rows[1] == ["36", "here", "Site", "36", "1.2.0", "well", "3", "2", "0", "1"]
    assert rows[2][:7] == ["18", "srv2.example", "Site", "18", "1.2.0", "not", "well"]
    assert "! 18: sla: It does not answer." in said.output
    assert "2 of 3 sites are well." in said.output


def test_a_command_is_typed_for_each_site_until_one_fails(machines: Machines) -> None:
    said = machines.fleet("each", "ingest", "ingest", "reconcile", "--all", "/etc/{site}/x")
    assert said.exit_code == 0, said.output
    assert machines.typed == [
        f"{site} ingest ingest reconcile --all /etc/{site}/x" for site in ("36", "18", "974")
    ]
    assert "18  done ingest reconcile --all /etc/18/x" in said.output
    machines.at("18", "refuses")
    said = machines.fleet("each", "owner", "migrate")
    assert said.exit_code == 1
    assert "18: migrate ended by 1; the sites after it were not asked." in said.output


def test_two_upgrades_never_walk_beside_each_other(machines: Machines) -> None:
    with machines.file.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        said = machines.fleet("upgrade", "1.3.0")
    assert said.exit_code == 1
    assert "Another upgrade of this fleet runs." in said.output
    assert machines.typed == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("sites: [{site: '36'}]", "topics: Field required"),
        ("topics: --replication 3\nsites: []", "at least 1 item"),
        ("topics: --replication 3\nsites: [{site: '36'}, {site: '36'}]", "names site 36 twice"),
        ("topics: --size small\nsites: [{site: '36'}]", "topics of site 36 is « --size small »"),
        ("topics: --replication 3; reboot\nsites: [{site: '36'}]", "topics of site 36"),
        ("topics: --replication 3\nsites: [{site: '36; reboot'}]", "sites.0.site"),
        ("topics: --replication 3\nsites: [{site: '36', host: '-oProxy=x'}]", "sites.0.host"),
        ("topics: --replication 3\nsites: [{site: '36', hots: a}]", "sites.0.hots"),
        ("a: [", "can not be read"),
    ],
)
def test_a_fleet_that_is_written_wrongly_is_refused_by_a_sentence(
    tmp_path: Path, text: str, why: str
) -> None:
    path = tmp_path / "fleet.yaml"
    path.write_text(text)
    with pytest.raises(BadFleet, match=why):
        read(path)


def test_a_site_that_the_fleet_has_not_is_refused(machines: Machines) -> None:
    said = machines.fleet("status", "--site", "75")
    assert said.exit_code == 1
    assert "The fleet has no site 75." in said.output


@pytest.mark.parametrize("word", ["site-36", "current", "1.3.0/", "../x", "1.3", ""])
def test_only_a_releases_number_is_taken_for_a_release(machines: Machines, word: str) -> None:
    for command in ("plan", "upgrade"):
        said = machines.fleet(command, word)
        assert said.exit_code == 2, said.output
        assert f"'{word}' is no release's number, such as 1.3.0." in said.output
    assert machines.typed == []


def test_no_site_goes_back_by_an_upgrade(machines: Machines) -> None:
    machines.at("36", "runs", "1.10.0")
    said = machines.fleet("upgrade", "1.3.0")
    assert said.exit_code == 1
    assert "36 runs 1.10.0, and was not touched: a site goes back by hand" in said.output
    assert machines.typed == []
    assert (
        "36  1.10.0 → 1.3.0  refused: it runs a newer one" in machines.fleet("plan", "1.3.0").output
    )


def test_a_site_that_was_switched_and_did_not_come_back_is_gone_on_with(machines: Machines) -> None:
    machines.at("36", "link", "1.3.0")
    machines.at("36", "wrong", '"ingest: It does not answer."')
    stopped = machines.fleet("upgrade", "1.3.0", "--wait", "1")
    assert "36 did not become well within 1 s: ingest: It does not answer." in stopped.output
    (machines.state / "36/wrong").unlink()
    assert machines.fleet("upgrade", "1.3.0").exit_code == 0
