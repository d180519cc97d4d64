"""Which tests can notice that a feature of the register is gone."""

from pathlib import Path

from tests.house.removal import could_notice, users

TREE = {
    "services/desk/features.py": "from services.desk.search import finder\n",
    "services/desk/app.py": "from services.desk import features\n",
    "services/desk/pages/renderer.py": "TEMPLATES = 1\n",
    "services/desk/pages/queue/__init__.py": "from services.desk.pages.renderer import TEMPLATES\n",
    "services/desk/pages/queue/rows.py": "ROWS = 1\n",
    "services/desk/domain/features.py": "STANDING = 1\n",
    "tests/helper.py": "def start():\n    from services.desk.app import run\n",
    "tests/unit/desk/test_table.py": "import services.desk.features\n",
    "tests/unit/desk/test_through_a_helper.py": "from tests.helper import start\n",
    "tests/unit/desk/test_drawn.py": "from services.desk.pages.queue.rows import ROWS\n",
    "tests/unit/desk/test_files.py": "from pathlib import Path\nHERE = Path(__file__)\n",
    "tests/unit/desk/test_domain.py": "from services.desk.domain.features import STANDING\n",
    "tests/unit/sla/test_table.py": "import services.desk.features\n",
}


def a_tree(folder: Path) -> Path:
    for name, text in TREE.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


def test_who_uses_the_table_or_a_template_by_whatever_way_or_looks_at_files_could_notice(
    tmp_path: Path,
) -> None:
    noticing = ("drawn", "files", "table", "through_a_helper")
    assert could_notice(a_tree(tmp_path), "tests/unit/desk") == [
        f"tests/unit/desk/test_{name}.py" for name in noticing
    ]


def test_users_are_found_within_the_rooms_that_are_looked_through(tmp_path: Path) -> None:
    tree = a_tree(tmp_path)
    assert users(tree, ["tests"], ["services.desk.app"]) == [
        tree / "tests/helper.py",
        tree / "tests/unit/desk/test_through_a_helper.py",
    ]
