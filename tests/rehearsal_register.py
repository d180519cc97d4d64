"""A register that holds the items of tests/rehearsal_builders.py, to be rehearsed from outside."""

import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from services.desk.domain.fold import fold
from services.desk.quality.number_service import NumberService
from services.desk.store import facts, items
from services.desk.store.quality import Author
from shared.facts.arrivals import Arrived
from shared.facts.items import Items
from shared.facts.origin import SESSION
from shared.platform.database import Connection
from shared.site import store
from shared.site.load import load_proposal
from shared.site.staff import people_store
from tests.architecture.test_anatomy import PROJECT, ours
from tests.rehearsal_builders import BEGAN, INDRE, LIVE, NOW, RULES, some_items

FOLDER = Path(__file__).parents[1] / "deploy" / "site" / "indre"


async def begun(connection: Connection, *, live: bool = True) -> None:
    """The example préfecture's rules applied, its people known; its story stands at NOW."""
    await store.keep(connection, INDRE, RULES.days, "q.officer", "tests", BEGAN)
    if live:
        await store.go_live(connection, LIVE, "q.officer", "tests", BEGAN)
    await people_store.import_people(connection, load_proposal(FOLDER).people, "q.officer", BEGAN)
    await store.move_story(connection, NOW)


async def confirmed(connection: Connection, number: int) -> None:
    """The SG confirms, signed in, that a request replaces numbers of the label."""
    author = Author(INDRE.identity.id, "person:f.lemoine", NOW, SESSION)
    people = await people_store.people_at(connection, NOW)
    applied = await store.current(connection)
    await NumberService(connection, author, applied, people).confirm(number)


async def registered(
    connection: Connection, stories: Iterable[Sequence[Items]] | None = None
) -> None:
    """Items kept as the register keeps them, their facts in the order of `seq`."""
    for told in some_items().values() if stories is None else stories:
        await facts.keep(connection, told)
        await items.save(connection, [fold(told)], INDRE.zone)


async def arrived_before(connection: Connection, arrivals: Iterable[Arrived]) -> None:
    """Mail received before go-live, as the register keeps it: history."""
    for arrival in arrivals:
        await connection.execute(
            """
            INSERT INTO desk.arrivals (arrival_id, revision, word, source, channel, received_at,
                                       original, told, recorded_at)
            VALUES ($1, 0, 'history', $2, $3, $4, $5, $6, $4)
            """,
            arrival.arrival_id,
            arrival.source,
            arrival.channel.value,
            arrival.recorded_at,
            arrival.original,
            arrival.model_dump_json(),
        )


def a_wheel(tmp_path: Path, number: str, changed: Mapping[str, tuple[str, str]]) -> str:
    """This tree as the wheel of a release, some of its files with a line changed."""
    path = tmp_path / f"vaguemestre-{number}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as packed:
        for file in ours("services", "shared"):
            name = file.relative_to(PROJECT).as_posix()
            if file.suffix != ".py":
                continue
            text = file.read_text("utf-8")
            if name in changed:
                old, new = changed[name]
                assert old in text, name
                text = text.replace(old, new)
            packed.writestr(name, text)
        info = f"vaguemestre-{number}.dist-info/METADATA"
        packed.writestr(info, f"Metadata-Version: 2.1\nName: vaguemestre\nVersion: {number}\n")
    return str(path)
