"""A job that fails for a moment runs again; one that ends by itself ends the process."""

import asyncio

import pytest

from shared.errors import PermanentFailure, TemporaryFailure
from shared.health import Unwell
from shared.jobs import Jobs


async def test_a_temporary_failure_is_said_and_the_job_runs_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shared.pauses.PAUSES", (0.01,))
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
