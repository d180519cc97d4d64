"""The library of standard letters as people keep it from the command line, on real PostgreSQL."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest
from click.testing import CliRunner, Result

from services.desk.commands import desk
from services.desk.domain.acts import Act
from shared.database import Pool, transaction
from tests.roles import one_transaction
from tests.session_codes import code_of

pytestmark = pytest.mark.usefixtures("live_site", "environment")

TODAY = datetime(2026, 5, 12, 8, 0, tzinfo=UTC)
LETTER = """---
id: suivi
service: bmi
kind: reply
title: Suivi d'une demande
---
Objet : Votre demande {référence}

{civilité},

Votre demande est à l'étude.

Je vous prie d'agréer mes salutations.
"""


@pytest.fixture(autouse=True)
async def _a_tuesday(postgres_url: str, live_site: None) -> None:
    del live_site
    async with one_transaction(postgres_url) as owner:
        await owner.execute("INSERT INTO site.story (moment) VALUES ($1)", TODAY)


async def letters(*words: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, desk, ["letters", *words])


async def with_code(pool: Pool, *names: str, who: str) -> tuple[str, ...]:
    """The words by which somebody approves letters, with the code of their session."""
    code = await code_of(pool, who, Act.APPROVE_LETTER, " ".join(names))
    return ("approve", *names, "--as", who, "--code", code)


async def said(*words: str) -> str:
    result = await letters(*words)
    assert result.exit_code == 0, result.output
    return result.output.strip()


async def refused(*words: str) -> str:
    result = await letters(*words)
    assert result.exit_code == 1, result.output
    return result.output


def a_file(path: Path, text: str = LETTER) -> Path:
    path.write_text(text)
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return a_file(tmp_path / "suivi.md")


async def test_a_letter_goes_from_a_file_to_the_library(file: Path, pool: Pool) -> None:
    assert await said("import", str(file), "--as", "a.gent", "--submit") == "suivi@1: submitted"
    assert "may not approve" in await refused(*await with_code(pool, "suivi", who="a.gent"))
    two = await with_code(pool, "suivi", "autre", who="b.head")
    assert "no letter 'autre'" in await refused(*two)
    assert await said(*await with_code(pool, "suivi", who="b.head")) == "suivi@1: approved"
    assert await said("import", str(file), "--as", "a.gent") == "suivi: unchanged"
    other = a_file(file.with_name("suivi-2.md"), LETTER.replace("à l'étude", "prête"))
    assert await said("import", str(other), "--as", "b.head", "--submit") == "suivi@2: submitted"
    own = await with_code(pool, "suivi", who="b.head")
    assert "somebody else approves it" in await refused(*own)
    assert await said(*await with_code(pool, "suivi", who="d.rector")) == "suivi@2: approved"
    shown = await said("show", "suivi")
    assert "withdrawn by d.rector" in shown
    assert "Votre demande est prête." in shown
    assert "2 approved" in await said("list", "--service", "bmi")
    assert "suivi" not in await said("list", "--service", "dre")
    assert await said("used", "suivi") == "No item used it."
    bare = await letters("withdraw", "suivi", "--as", "b.head")
    assert (bare.exit_code, "--code" in bare.output) == (2, True), "not by a shell alone"
    code = await code_of(pool, "b.head", Act.APPROVE_LETTER, "suivi")
    other = await refused("withdraw", "suivi", "--as", "b.head", "--code", code)
    assert "This is no code of b.head" in other, "of another act"
    code = await code_of(pool, "b.head", Act.WITHDRAW_LETTER, "suivi")
    gone = await said("withdraw", "suivi", "--as", "b.head", "--code", code)
    assert gone == "suivi@2: withdrawn"
    code = await code_of(pool, "b.head", Act.WITHDRAW_LETTER, "suivi")
    none = await refused("withdraw", "suivi", "--as", "b.head", "--code", code)
    assert "is draft or submitted" in none


async def test_a_file_that_is_wrong_imports_nothing(file: Path, pool: Pool) -> None:
    wrong = LETTER.replace("id: suivi", "id: zz").replace("{civilité}", "{civilite}")
    a_file(file.with_name("zz.md"), wrong)
    told = await refused("import", str(file.parent), "--as", "a.gent")
    assert "zz.md: On line 1 there is no field {civilite}: did you mean {civilité}?" in told
    assert await pool.fetchval("SELECT count(*) FROM desk.letters") == 0


async def test_not_even_a_program_changes_an_approved_letter(file: Path, pool: Pool) -> None:
    await said("import", str(file), "--as", "a.gent", "--submit")
    await said(*await with_code(pool, "suivi", who="b.head"))
    for statement in (
        "UPDATE desk.letter_versions SET body = 'x'",
        "UPDATE desk.letter_versions SET state = 'withdrawn', approved_by = 'x'",
        "DELETE FROM desk.letter_versions",
    ):
        with pytest.raises(asyncpg.RaiseError, match="never changed nor removed"):
            async with transaction(pool) as connection:
                await connection.execute(statement)
