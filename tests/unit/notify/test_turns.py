"""What composes goes on in its turns, or without any where nobody gives them."""

import asyncio

from services.notify.turns import ComposingTurns


async def pieces(turns: ComposingTurns, done: list[int]) -> None:
    for piece in range(3):
        done.append(piece)
        await turns.take()


async def test_each_turn_is_a_piece_of_work() -> None:
    turns, done = ComposingTurns(), list[int]()
    turns.PATIENCE = 60
    turns.give()
    task = asyncio.create_task(pieces(turns, done))
    for count in (1, 2, 3):
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert done == list(range(count))
        turns.give()
    await task


async def test_without_turns_all_is_done_at_once() -> None:
    done = list[int]()
    await pieces(ComposingTurns(), done)
    assert done == [0, 1, 2]


async def test_at_the_end_nobody_waits_for_a_turn() -> None:
    turns, done = ComposingTurns(), list[int]()
    turns.PATIENCE = 60
    turns.give()
    task = asyncio.create_task(pieces(turns, done))
    await asyncio.sleep(0)
    turns.end()
    await task
    assert done == [0, 1, 2]


async def test_no_lock_is_held_for_a_turn_that_does_not_come() -> None:
    turns, done = ComposingTurns(), list[int]()
    turns.give()
    async with asyncio.timeout(60):
        await pieces(turns, done)
    assert done == [0, 1, 2]
