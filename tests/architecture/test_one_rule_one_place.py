"""One rule, one place: what several readers ask stands once, and everybody asks there."""

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from services.desk.domain.item import DONE, ItemStatus
from services.desk.store.states import NOT_DONE
from shared.facts.authors import AuthorKind
from tests.architecture.test_anatomy import PROJECT, ours

APART: Final = "services/desk/evidence/proof/verifier.py"
"""It travels in an archive of proof and runs where nothing of ours is installed: unit tests of
`standing` hold it to the same rule."""


def modules(*folders: str) -> Iterator[tuple[str, str]]:
    for path in ours(*(folders or ("services", "shared"))):
        if path.suffix == ".py":
            yield _name(path), path.read_text()


def _name(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def test_what_was_taken_back_is_worked_out_in_one_place() -> None:
    """By collecting the targets of withdrawals, as a dozen readers once did each for itself."""
    copies = [
        name
        for name, text in modules()
        if "FactWithdrawn" in text  # few: parsing is slow
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.SetComp | ast.ListComp | ast.GeneratorExp | ast.DictComp)
        if "FactWithdrawn" in ast.unparse(node) and ".fact" in ast.unparse(node)
    ]
    assert copies == ["shared/facts/standing.py"]


def test_the_database_asks_what_was_taken_back_in_one_place() -> None:
    said = r"'(FactWithdrawn|\{FactWithdrawn\.__name__\})'"
    assert _saying(said) == ["services/desk/store/withdrawals.py"]


def test_what_is_done_is_listed_in_one_place() -> None:
    """Questions are made of `DONE`; a question that leaves a state out says so by its name."""
    assert NOT_DONE == ("state NOT IN ('destroyed', 'merged', 'closed', 'answered', 'transferred')")
    assert _saying(r"\bIN \([^)]*'(answered|transferred)'") == []
    assert {ItemStatus.ANSWERED, ItemStatus.TRANSFERRED, ItemStatus.CLOSED} < DONE


def test_the_indexes_of_what_is_left_to_do_hold_what_questions_ask() -> None:
    lists = [
        f"state NOT IN ({states})"
        for path in (PROJECT / "services" / "desk" / "sql").glob("*.sql")
        for states in re.findall(r"INDEX[^;]*state NOT IN \(([^)]*)\)", path.read_text())
    ]
    assert len(lists) >= 6
    assert set(lists) == {NOT_DONE}


def test_decisions_that_belong_together_are_one_call_of_the_service_object() -> None:
    """A page or a command that derives the id of a part takes a composite decision by itself."""
    composing = [
        name
        for name, text in modules("services/desk/pages", "services/desk/commands")
        if re.search(r"uuid5\((form|by|visit|sent)\b", text)
    ]
    assert composing == ["services/desk/pages/letters/compose.py"], "one button, one id"


def test_only_one_module_states_facts_of_items_and_what_they_end() -> None:
    assert _saying(r"\bitems\.append\(conn") == ["services/desk/statements.py"]


def test_authors_are_written_and_read_in_one_place() -> None:
    """`person:m.durand` is made and taken apart by shared/facts/authors.py."""
    kinds = "|".join(kind.value for kind in AuthorKind)
    written = rf"[\"']({kinds}):[\"'{{a-z]"
    assert set(_saying(written)) == {
        "services/notify/digests.py",  # names of notices, which never move
        "services/notify/domain/calls.py",
        "services/notify/person_changes.py",
    }


def test_loops_without_end_stand_where_a_decision_names_them() -> None:
    """All else that repeats is made by `every` of shared/platform/jobs.py (decision 69)."""
    assert {
        name
        for name, text in modules()
        if "while True" in text
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.While) and ast.unparse(node.test) == "True" and not _ends(node)
    } == {
        "services/ingest/attachment_job.py",
        "services/ingest/in_hand.py",
        "services/ingest/scan_intake.py",
        "services/ingest/scans.py",
        "services/ingest/spool.py",
        "services/ingest/watch.py",
        "services/sla/ticker.py",
        "shared/platform/notifications.py",
    }


def _ends(loop: ast.AST, *, within: bool = False) -> bool:
    """Whether a loop has a way out besides an error: `return`, or a `break` of its own."""
    for part in ast.iter_child_nodes(loop):
        match part:
            case ast.Return():
                return True
            case ast.Break() if not within:
                return True
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                continue
        loops = isinstance(part, ast.For | ast.AsyncFor | ast.While)
        if _ends(part, within=within or loops):
            return True
    return False


def _saying(words: str) -> Sequence[str]:
    return [name for name, text in modules() if name != APART and re.search(words, text)]
