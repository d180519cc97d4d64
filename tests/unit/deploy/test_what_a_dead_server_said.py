"""A server that ended before it was ready: the sentence has what it said, its log may be gone."""

from pathlib import Path

import pytest

from deploy.embedded.errors import ServerDiedError


@pytest.mark.parametrize(
    ("log", "said"),
    [
        ("LOG:  starting\nFATAL:  lock file exists\nLOG:  shut down\n", "FATAL:  lock file exists"),
        ("starting\nstopping\n\n", "stopping"),
        ("", "it said nothing"),
    ],
)
def test_what_it_said_of_the_trouble_is_in_the_sentence(
    tmp_path: Path, log: str, said: str
) -> None:
    path = tmp_path / "postgres.log"
    path.write_text(log)
    error = str(ServerDiedError("PostgreSQL", 1, path))
    assert error == f"PostgreSQL ended with code 1 before it was ready: {said} (see {path})."


def test_a_log_that_is_gone_is_no_second_error(tmp_path: Path) -> None:
    assert "it said nothing" in str(ServerDiedError("Kafka", 1, tmp_path / "gone"))
