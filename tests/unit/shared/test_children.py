"""A child process: what it may not do, and that it costs only its own request."""

import os
import socket
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from shared.errors import TemporaryFailure
from shared.platform import confinement
from shared.platform.children import ChildDied, ChildFailed, ChildLimits, Children

PROGRAM = "tests.hostile_program"
ANYTHING: TypeAdapter[Any] = TypeAdapter(Any)
SAID = {
    "user": "has no account of its own",
    "landlock": "may read every file of its account",
    "seccomp": "may open connections and start programs",
}
REFUSED = {"PermissionError", "ProcessLookupError"}


@pytest.fixture(scope="module", autouse=True)
def _found() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))
        patch.setenv("VAGUEMESTRE_SECRET", "a secret")
        yield


@pytest.fixture(scope="module")
def children(_found: None) -> Iterator[Children]:
    opened = Children(PROGRAM, ChildLimits(seconds=1, patience=60))
    yield opened
    opened.close()


def ask(children: Children, do: str, **more: object) -> Any:
    return children.ask(ANYTHING, {"do": do, **more})[0]


def refused(children: Children, do: str, **more: object) -> bool:
    try:
        ask(children, do, **more)
    except ChildFailed as failure:
        return failure.error in REFUSED
    return False


def held(*protections: confinement.Lack) -> bool:
    """Whether one of these is held here; where none is, what `status` says tells so."""
    lacking = confinement.missing_protections()
    if set(protections) - set(lacking):
        return True
    assert all(
        SAID[protection] in confinement.lacks_sentence(lacking) for protection in protections
    )
    return False


def test_it_answers_with_the_octets_that_it_was_given(children: Children) -> None:
    octets = os.urandom(3_000_000)
    said, sent = children.ask(ANYTHING, {"do": "echo", "say": "été"}, octets)
    assert (said, sent) == ("été", octets)


def test_one_that_can_not_be_imported_is_refused_with_the_command_that_says_why() -> None:
    why = r"memory is short, .* `python -m shared\.platform\.child tests\.no_such_program` says"
    with (
        closing(Children("tests.no_such_program", ChildLimits(seconds=1, patience=60))) as none,
        pytest.raises(TemporaryFailure, match=why),
    ):
        ask(none, "echo")


def test_a_large_answer_goes_to_a_file_and_is_never_whole_in_memory(children: Children) -> None:
    octets, request = bytes(20_000_000), {"do": "echo", "say": "here"}
    with tempfile.TemporaryFile() as kept:
        tracemalloc.start()
        try:
            assert children.ask(ANYTHING, request, octets, kept) == ("here", b"")
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert kept.tell() == len(octets)
    assert peak < 5_000_000


def test_a_disk_that_is_full_is_no_files_fault(children: Children) -> None:
    with Path("/dev/full").open("wb", buffering=0) as full, pytest.raises(TemporaryFailure):
        children.ask(ANYTHING, {"do": "echo"}, b"octets", full)
    assert ask(children, "echo", say="again") == "again"


def test_a_disk_that_is_full_is_found_before_the_last_piece_lies_in_a_buffer(
    children: Children,
) -> None:
    with pytest.raises(TemporaryFailure), Path("/dev/full").open("wb") as full:
        children.ask(ANYTHING, {"do": "echo"}, b"octets", full)


def test_what_it_raises_is_known_by_its_name_alone(children: Children) -> None:
    with pytest.raises(ChildFailed) as caught:
        ask(children, "raise")
    assert caught.value.error == "KeyError"
    assert "Durand" not in str(caught.value)


@pytest.mark.parametrize(
    ("do", "reason"), [("die", "crash"), ("spin", "crash"), ("swell", "MemoryError")]
)
def test_whatever_it_does_costs_its_own_request(children: Children, do: str, reason: str) -> None:
    with pytest.raises((ChildDied, ChildFailed)) as caught:
        ask(children, do)
    assert reason in str(caught.value)
    assert ask(children, "echo", say=1) == 1


def each(children: Children, *does: str) -> list[Any]:
    """Answers to several requests sent as one; what a piece says is what is done with it."""
    told = children.ask_each(ANYTHING, {"do": "each"}, [do.encode() for do in does])
    return [str(answer) if isinstance(answer, Exception) else answer for answer in told]


def test_several_pieces_are_answered_in_their_order_by_one_child(children: Children) -> None:
    first, second, third = each(children, "process", "process", "environment")
    assert first == second
    assert set(third) <= set(os.environ) | {"OMP_THREAD_LIMIT", "OPENBLAS_NUM_THREADS"}
    assert each(children) == []


def test_large_pieces_come_whole(children: Children) -> None:
    pieces = [os.urandom(size) for size in (3_000_000, 0, 5, 300_000)]
    told = children.ask_each(ANYTHING, {"do": "digest"}, pieces)
    assert list(told) == [sha256(piece).hexdigest() for piece in pieces]


def test_a_piece_that_raises_costs_itself_alone(children: Children) -> None:
    before, failed, after = each(children, "process", "raise", "process")
    assert "KeyError" in failed
    assert before == after


@pytest.mark.parametrize("do", ["die", "spin"])
def test_a_piece_that_ends_the_child_is_the_last_one_answered(children: Children, do: str) -> None:
    first, ended = each(children, "process", do, "process", "process")
    assert "crash" in ended
    assert each(children, "process", "process") != [first, first]


def test_each_piece_has_the_seconds_of_a_request_to_itself(children: Children) -> None:
    assert each(children, *["work"] * 4) == [None] * 4


def test_who_stops_early_leaves_no_answer_to_the_next_one(children: Children) -> None:
    with closing(children.ask_each(ANYTHING, {"do": "each"}, [b"process"] * 3)) as told:
        next(told)
    assert ask(children, "echo", say="mine") == "mine"


def test_one_that_hangs_is_given_up() -> None:
    slow = Children(PROGRAM, ChildLimits(seconds=60, patience=1))
    try:
        with pytest.raises(ChildDied) as caught:
            ask(slow, "spin")
        assert caught.value.reason == "timeout"
    finally:
        slow.close()


def test_its_word_is_checked_like_a_strangers(children: Children) -> None:
    with pytest.raises(ChildDied) as caught:
        children.ask(TypeAdapter(list[int]), {"do": "echo", "say": {"unexpected": 1}})
    assert caught.value.reason == "nonsense"


def test_one_lives_on_for_the_next_request_and_ends_with_its_door() -> None:
    opened = Children(PROGRAM, ChildLimits(seconds=1, patience=60), most=1)
    first = ask(opened, "process")
    assert ask(opened, "process") == first
    opened.close()
    assert not Path(f"/proc/{first}").exists()
    with pytest.raises(TemporaryFailure):
        ask(opened, "echo")


def test_whoever_waits_when_the_door_closes_blames_no_file() -> None:
    opened = Children(PROGRAM, ChildLimits(seconds=60, patience=60), most=1)
    worked = ticks(ask(opened, "process"))
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(ask, opened, "spin")
        while worked() < 10:
            time.sleep(0.01)
        opened.close()
        with pytest.raises(TemporaryFailure):
            waiting.result(60)


def ticks(process: int) -> Callable[[], int]:
    """How long a process has worked since now, in hundredths of a second."""

    def all_ticks() -> int:
        return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11])

    before = all_ticks()
    return lambda: all_ticks() - before


def test_a_program_that_does_not_start_is_no_files_fault() -> None:
    none = Children("tests.no_such_program", ChildLimits(seconds=1, patience=60))
    with pytest.raises(TemporaryFailure):
        ask(none, "echo")
    none.close()


def test_no_secret_of_ours_is_in_its_environment(children: Children) -> None:
    known = ask(children, "environment")
    assert not [name for name in known if name.startswith(("VAGUEMESTRE_", "PG"))]


def test_no_descriptor_of_ours_is_open_in_it(children: Children) -> None:
    with socket.socket() as ours:
        ours.set_inheritable(True)
        assert ask(children, "descriptors") == [0, 1, 2]


def test_what_it_does_without_is_what_this_system_lacks(children: Children) -> None:
    ask(children, "echo")
    assert children.lacks == confinement.missing_protections()


def test_it_reads_neither_our_environment_nor_our_memory(children: Children) -> None:
    confinement.hide()
    for name in ("environ", "mem"):
        assert refused(children, "read", path=f"/proc/{os.getpid()}/{name}"), name


def test_it_reads_and_writes_no_file_of_ours(children: Children, tmp_path: Path) -> None:
    blob = tmp_path / "blob"
    blob.write_bytes(b"a letter")
    blob.chmod(0o600)
    if not held("landlock", "user"):
        return
    assert refused(children, "read", path=str(blob))
    assert refused(children, "list", path=str(tmp_path))
    assert refused(children, "write", path=str(tmp_path / "new"))


def test_status_says_what_a_system_can_not_take_away() -> None:
    assert confinement.lacks_sentence(()) == confinement.lacks_sentence(("user",)) == ""
    assert confinement.lacks_sentence(("landlock", "user")) == (
        "On this machine, what opens strangers' files has no account of its own (the services do"
        " not run as root), may read every file of its account (the kernel has no Landlock)."
    )


def test_it_reads_what_it_was_given() -> None:
    given = Path(__file__)
    opened = Children(
        PROGRAM, ChildLimits(seconds=1, patience=60), readable=[given.parent], own_user=False
    )
    try:
        assert bytes.fromhex(ask(opened, "read", path=str(given))) == given.read_bytes()
        if held("landlock"):
            assert refused(opened, "read", path=str(given.parents[2] / "conftest.py"))
            assert refused(opened, "read", path=f"/proc/{os.getpid()}/environ")
    finally:
        opened.close()


def test_it_opens_no_connection_and_no_program(children: Children, tmp_path: Path) -> None:
    if not held("seccomp"):
        return
    with socket.socket() as database:
        database.bind(("127.0.0.1", 0))
        database.listen()
        assert refused(children, "connect", port=database.getsockname()[1])
    assert refused(children, "connect_to_a_file", path=str(tmp_path / "socket"))
    assert refused(children, "fork")
    assert refused(children, "run")
    assert refused(children, "kill", process=os.getpid())
