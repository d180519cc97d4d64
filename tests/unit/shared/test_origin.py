"""Each fact says by which way it was stated; facts of before say that nobody knows."""

import os
import pwd
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import click
import pytest
from click.testing import CliRunner

from services.desk.domain.stamp import Stamp
from shared.facts.envelope import ItemId, Shell, Via
from shared.facts.items import ITEMS
from shared.facts.items.closure import ItemClosed
from shared.facts.origin import MACHINE, SESSION, UNKNOWN, Origin
from shared.platform import shell

GOLDEN = Path(__file__).parents[2] / "golden" / "ItemClosed.json"
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


def closed(by: Origin) -> ItemClosed:
    stamp = Stamp(ItemId(UUID(int=1)), 3, UUID(int=2), "person:m.durand", NOW, by)
    return ItemClosed(**stamp(1), reason="sans-suite")


def test_a_fact_of_before_says_that_nobody_knows_how_it_was_stated() -> None:
    fact = ITEMS.validate_json(GOLDEN.read_bytes())
    assert (fact.via, fact.shell) == (None, None)
    assert Origin(fact.via, fact.shell) == UNKNOWN


def test_what_a_page_and_what_the_machine_states_says_so_and_names_no_account() -> None:
    assert (closed(SESSION).via, closed(SESSION).shell) == (Via.SESSION, None)
    assert (closed(MACHINE).via, closed(MACHINE).shell) == (Via.MACHINE, None)
    assert SESSION.by_session
    assert not any(
        origin.by_session for origin in (MACHINE, UNKNOWN, shell.typed_origin("page-en-panne"))
    )


def test_a_command_says_which_account_typed_it_and_why() -> None:
    fact = closed(shell.typed_origin("page-en-panne"))
    me = pwd.getpwuid(os.getuid()).pw_name
    assert fact.via is Via.SHELL
    assert fact.shell is not None
    assert fact.shell.why == "page-en-panne"
    assert fact.shell.account in {me, shell.account()}
    assert ITEMS.validate_json(fact.model_dump_json()) == fact


def test_the_account_is_the_one_that_logged_in_even_when_it_became_another(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    login = tmp_path / "loginuid"
    monkeypatch.setattr(shell, "_LOGIN", login)
    monkeypatch.setenv("SUDO_USER", "somebody.else")
    mine = shell.account()
    assert mine == pwd.getpwuid(os.getuid()).pw_name
    login.write_text("4294967295", encoding="ascii")
    assert shell.account() == mine
    login.write_text("987654", encoding="ascii")
    assert shell.account() == "uid-987654"


@click.command()
@shell.decides(click.option("--as", "who", required=True))
def _command(who: str) -> None:
    said = shell.origin_here().shell
    click.echo(f"{who} {'' if said is None else said.why}")


def test_a_command_that_decides_is_refused_without_its_reason_said_there_or_for_the_session() -> (
    None
):
    run = CliRunner(env={shell.VARIABLE: None}).invoke
    assert run(_command, ["--as", "m.durand"]).exit_code == 2
    assert run(_command, ["--as", "m.durand", "--why", "Un mot libre"]).exit_code == 2
    assert run(_command, ["--as", "m.durand", "--why", "panne"]).output == "m.durand panne\n"
    said = CliRunner(env={shell.VARIABLE: "exercice"}).invoke(_command, ["--as", "m.durand"])
    assert said.output == "m.durand exercice\n"


def test_the_shell_of_a_fact_has_no_room_for_more_than_account_and_reason() -> None:
    assert set(Shell.model_fields) == {"account", "why"}
