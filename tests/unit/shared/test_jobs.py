"""A job that fails for a moment runs again; one that ends by itself ends the process."""

import asyncio

import pytest

from shared.errors import PermanentFailure, TemporaryFailure
from shared.platform.jobs import Job, Jobs, Left, RoundFailed, every
from shared.platform.observability.health import Unwell, Well


async def test_a_temporary_failure_is_said_and_the_job_runs_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shared.platform.backoff.PAUSES", (0.01,))
    runs, again = 0, asyncio.Event()
    jobs = Jobs(asyncio.Event())
    seen: list[object] = []

    async def job() -> None:
        nonlocal runs
        runs += 1
        if runs == 1:
            raise TemporaryFailure("the disk is full")
        seen.append(await jobs.state())
        again.set()
        await jobs.stopping.wait()

    jobs.start({"ticker": job})
    await asyncio.wait_for(again.wait(), 60)
    assert seen == [Unwell("ticker: the disk is full")]
    jobs.stopping.set()
    await jobs.end(1)


async def test_a_job_that_ends_by_itself_ends_the_process() -> None:
    async def job() -> None:
        return

    (task,) = Jobs(asyncio.Event()).start({"ticker": job})
    with pytest.raises(PermanentFailure, match="Job ticker ended by itself"):
        await task


async def test_a_job_that_ignores_the_end_is_cancelled() -> None:
    jobs = Jobs(asyncio.Event())

    async def job() -> None:
        await asyncio.Event().wait()

    (task,) = jobs.start({"ticker": job})
    await asyncio.sleep(0)
    jobs.stopping.set()
    await jobs.end(0.01)
    assert task.cancelled()


async def test_a_job_with_something_in_hand_may_end_later_than_the_others() -> None:
    jobs = Jobs(asyncio.Event())
    answer = asyncio.Event()

    async def waits_for_its_answer() -> None:
        await answer.wait()

    async def never() -> None:
        await asyncio.Event().wait()

    sender, other = jobs.start({"sender": waits_for_its_answer, "other": never})
    await asyncio.sleep(0)
    jobs.stopping.set()
    ending = asyncio.create_task(jobs.end(0.01, {"sender": 60}))
    await asyncio.wait({other})
    assert other.cancelled()
    assert not sender.done()
    answer.set()
    await ending
    assert sender.result() is None


async def test_work_is_done_at_once_and_again_after_each_pause() -> None:
    stopping, done, thrice = asyncio.Event(), list[int](), asyncio.Event()

    async def work() -> None:
        done.append(len(done))
        if len(done) == 3:
            thrice.set()

    running = asyncio.create_task(_run(every(0.001, work, stopping)))
    await asyncio.wait_for(thrice.wait(), 60)
    stopping.set()
    await asyncio.wait_for(running, 60)


async def test_the_end_cuts_a_pause_short_and_never_the_work_in_hand() -> None:
    stopping, begun, may_end = asyncio.Event(), asyncio.Event(), asyncio.Event()
    ended = list[str]()

    async def work() -> None:
        begun.set()
        await may_end.wait()
        ended.append("whole")

    running = asyncio.create_task(_run(every(3600, work, stopping)))
    await asyncio.wait_for(begun.wait(), 60)
    stopping.set()
    await asyncio.sleep(0)
    assert not running.done()
    may_end.set()
    await asyncio.wait_for(running, 60)
    assert ended == ["whole"]


async def test_no_work_begins_once_the_end_is_asked_for() -> None:
    stopping, done = asyncio.Event(), list[str]()
    stopping.set()

    async def work() -> None:
        done.append("too late")

    await every(0.001, work, stopping)()
    assert done == []


async def test_work_that_raises_is_logged_said_and_done_again_beside_the_others(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("shared.platform.backoff.PAUSES", (0.01,))
    stopping, again = asyncio.Event(), asyncio.Event()
    jobs, seen, others = Jobs(stopping), list[object](), list[str]()

    async def broken_once() -> None:
        if not seen:
            seen.append("raised")
            raise KeyError("the name of a sender")
        seen.append(await jobs.state())
        again.set()
        await stopping.wait()

    async def other() -> None:
        others.append("well")
        await stopping.wait()

    tasks = jobs.start(
        {"seal": every(0.001, broken_once, stopping), "erase": every(1, other, stopping)}
    )
    await asyncio.wait_for(again.wait(), 60)
    assert seen == ["raised", Unwell("seal: KeyError")]
    assert others == ["well"]
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == [
        "round_failed"
    ]
    assert "the name of a sender" not in caplog.text
    stopping.set()
    await jobs.end(60)
    assert all(task.done() and task.exception() is None for task in tasks)


async def test_work_that_raises_is_tried_again_no_sooner_than_its_own_round() -> None:
    async def work() -> None:
        raise KeyError

    with pytest.raises(RoundFailed) as raised:
        await every(3600, work, asyncio.Event())()
    assert raised.value.seconds == 3600


async def _run(job: Job) -> None:
    await job()


async def test_a_round_that_left_more_is_followed_at_once_and_the_last_one_by_a_pause() -> None:
    stopping, rounds = asyncio.Event(), list[int]()

    async def some() -> Left | None:
        rounds.append(len(rounds))
        if len(rounds) < 4:
            return Left.MORE
        asyncio.get_running_loop().call_soon(stopping.set)
        return None

    await asyncio.wait_for(every(3600, some, stopping)(), 60)
    assert rounds == [0, 1, 2, 3]


async def test_a_round_that_takes_long_to_fail_again_does_not_look_well_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A server that is away makes each try last as long as its time-out."""
    monkeypatch.setattr("shared.platform.backoff.PAUSES", (0.01,))
    jobs, second, seen = Jobs(asyncio.Event()), asyncio.Event(), list[object]()

    async def work() -> None:
        if not seen:
            seen.append("failed")
            raise TemporaryFailure("away")
        if len(seen) == 1:
            await asyncio.sleep(0.1)  # ten times the pause after which it was called well
            seen.append(await jobs.state())
            return
        seen.append(await jobs.state())
        second.set()
        await jobs.stopping.wait()

    jobs.start({"seal": every(0.001, work, jobs.stopping)})
    await asyncio.wait_for(second.wait(), 60)
    assert seen == ["failed", Unwell("seal: away"), Well(["seal"])]
    jobs.stopping.set()
    await jobs.end(60)
