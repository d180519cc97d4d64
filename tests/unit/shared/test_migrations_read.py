"""Migration files are read by scope and number, and a misnamed one is refused."""

from pathlib import Path

import pytest

from shared.platform.postgres.migrate import BadMigration, read


def write(root: Path, *names: str) -> None:
    folder = root / "services" / "sla" / "sql"
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_text("SELECT 1;")


def test_the_site_comes_first_and_numbers_give_the_order(tmp_path: Path) -> None:
    write(tmp_path, "0002_second.sql", "0001_first.sql")
    files = read(tmp_path)
    assert list(files) == ["site", "sla"]
    assert [path.name for path in files["sla"]] == ["0001_first.sql", "0002_second.sql"]


@pytest.mark.parametrize("name", ["first.sql", "1_first.sql", "0001-first.sql", "0001_First.sql"])
def test_a_misnamed_file_is_refused(tmp_path: Path, name: str) -> None:
    write(tmp_path, name)
    with pytest.raises(BadMigration, match=r"must be named NNNN_what.sql"):
        read(tmp_path)


def test_two_files_with_one_number_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "0001_first.sql", "0001_second.sql")
    with pytest.raises(BadMigration, match="one number"):
        read(tmp_path)


def test_an_edit_changes_the_checksum(tmp_path: Path) -> None:
    write(tmp_path, "0001_first.sql")
    before = read(tmp_path)["sla"][0].checksum
    (tmp_path / "services/sla/sql/0001_first.sql").write_text("SELECT 2;")
    assert read(tmp_path)["sla"][0].checksum != before
