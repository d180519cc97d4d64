"""The house is built as its pages say: know one service, know all."""

import ast
import importlib
import importlib.util
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml

from shared.facts.envelope import Topic
from shared.platform.settings import ProcessSettings
from tests.house.table import REASONS

PROJECT = Path(__file__).parents[2]
SERVICES = ("ingest", "desk", "sla", "notify", "portal")
WITHOUT_MIGRATIONS = {"portal"}
"""Schema `portal` is made and written by the register (docs/decisions/0072)."""
LONG = 300
LONGER_TESTS = {
    "tests/unit/ingest/test_reading_mails.py": "one reader, from hostile octets to bodies",
    "tests/integration/ingest/test_attachments.py": "one queue, and what comes while it is read",
    "tests/integration/desk/test_learner.py": "one learner, from its first night to its silence",
    "tests/integration/sla/test_hearing_and_waking.py": "one clock, heard, woken and told",
    "tests/bench/hosting.py": "one bench: servers, préfectures, and what each notices of another",
    "tests/contract/parapheur/test_iparapheur.py": "one protocol, as below",
    "tests/contract/parapheur/test_pastell.py": "one protocol, through every fault of its server",
    "tests/integration/desk/test_archive_transfers.py": "a transfer, from its list to its end",
    "tests/integration/desk/test_webhooks.py": "one webhook, through every fault of its receiver",
    "tests/unit/ingest/test_verdicts.py": "one table of verdicts, read from top to bottom",
    "tests/integration/desk/test_notes.py": "one note, through everybody who may read it or not",
    "tests/integration/desk/test_order_of_locks.py": "every path that locks, and how two meet",
    "tests/integration/desk/authorisations.py": "one table of every page and who may open it",
    "tests/integration/notify/test_mass_reply.py": "a mass reply from weighing to its end",
    "tests/e2e/house.py": "the one préfecture that every end-to-end test lives in",
    "tests/integration/desk/quality/test_website.py": "a page from its list to its print, in order",
    "tests/integration/desk/quality/test_survey.py": "a campaign from opening to results, in order",
    "tests/integration/desk/quality/test_measures.py": "a measure from birth to verdict, in order",
    "tests/integration/desk/quality/test_label_perimeter.py": "a change from request to end",
    "tests/integration/desk/quality/test_auditor.py": "one visit, from its invitation to its end",
    "tests/contract/prometheus/test_alerts.py": "two rows for each alert",
    "tests/integration/portal/test_follow_letter.py": "one letter's page until its code ends",
    "tests/unit/desk/test_decisions.py": "one decision after the other, as docs/domain.md has them",
}
MAKES_A_JOB = re.compile(
    r"^from shared\.platform\.jobs import .*\bevery\b|^    async def run\(self\)", re.MULTILINE
)
JOBS = {
    "ingest": {"watch", "spool", "scan_intake", "attachment_job", "deposit_server"},
    "desk": {
        "api.answers_job", "api.webhook_job", "archive.deposit_job", "at_rest",
        "evidence.seals", "evidence.verification.night", "exports.evening", "journal.export",
        "learner.night",
        "migration.job", "parapheur.job", "parapheur.mail_job",
        "quality.event_job", "quality.measure_reminders", "quality.reminders",
        "quality.history_job", "quality.uploads",
        "quality.perimeter_service", "quality.invitation_job",
        "quality.survey_job", "quality.website_reminders", "quality.weekly_figures",
        "retention.blob_deletion", "retention.purge", "search.index_job",
    },
    "sla": {"ticker"},
    "notify": {"sender", "prober", "app"},
    "portal": {"app"},
}  # fmt: skip
"""The modules that make a background job: in the app only what calls one function now and then."""
WAIVED = re.compile(
    r"# (?:noqa: [A-Z0-9, ]+[0-9]|type: ignore\[[a-z,-]+\])(?P<reason> +(?:# )?\(?\w.*)?$"
)
HOSTS = ("pypi.org", "pythonhosted.org", "npmjs.org", "maven.org", "sonatype.org", "--index-url")
"""Names of registries: which one is used is the machine's business."""


def ours(*folders: str) -> Sequence[Path]:
    """The Python files that git knows or would know."""
    listed = subprocess.run(  # noqa: S603  (fixed words)
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *folders],  # noqa: S607  (found on the path)
        cwd=PROJECT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    paths = [PROJECT / line for line in listed.stdout.splitlines()]
    return [path for path in paths if path.exists()]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_opens_with_its_manual_page(service: str) -> None:
    page = importlib.import_module(f"services.{service}").__doc__ or ""
    assert page.startswith(f"{service}, the ")
    for word in ("Hears:  ", "Tells:  ", "\nKeeps:  ", "\nNeeds:  "):
        assert word in page


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_the_parts_of_every_service(service: str) -> None:
    folder = PROJECT / "services" / service
    for part in ("app", "settings", "metrics"):
        assert (folder / f"{part}.py").is_file(), part
    for part in ("commands", "store", "domain"):
        assert parts(service, part), part
    assert bool(list(folder.glob("sql/*.sql"))) is (service not in WITHOUT_MIGRATIONS)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_hears_in_its_handlers_what_its_manual_page_says(service: str) -> None:
    page = importlib.import_module(f"services.{service}").__doc__ or ""
    hears = page.split("Hears:")[1].split("Tells:")[0]
    told = {topic for topic in Topic if re.search(rf"\b{topic}\b", hears)}
    app = (PROJECT / "services" / service / "app.py").read_text(encoding="utf-8")
    assert set(re.findall(r"@router\.subscriber\(\"(\w+)\"", app)) == told
    has = [name for name in ("handlers", "fact_memory") if parts(service, name)]
    assert has == (["handlers", "fact_memory"] if told else [])


@pytest.mark.parametrize("service", SERVICES)
def test_a_job_of_a_service_stands_where_its_jobs_do(service: str) -> None:
    """And its app, or the table of its features, starts each module that makes one."""
    folder = PROJECT / "services" / service
    makers = {
        ".".join(path.relative_to(folder).with_suffix("").parts)
        for path in ours(f"services/{service}")
        if path.suffix == ".py" and MAKES_A_JOB.search(path.read_text(encoding="utf-8"))
    }
    assert makers == JOBS[service]
    started = "".join(
        (folder / name).read_text(encoding="utf-8")
        for name in ("app.py", "features.py", "scans.py")
        if (folder / name).exists()
    )
    unstarted = [
        job
        for job in makers - {"app"}
        if not re.search(rf'services\.{service}\.{job} |"{job}:', started)
    ]
    assert unstarted == []


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_one_table_of_metrics_and_settings_of_its_name(service: str) -> None:
    assert importlib.import_module(f"services.{service}.metrics").TABLE
    settings = importlib.import_module(f"services.{service}.settings")
    assert issubclass(getattr(settings, f"{service.capitalize()}Settings"), ProcessSettings)
    app = importlib.import_module(f"services.{service}.app")
    assert any(name in {"create_app", "create_serve", "create_keep"} for name in vars(app))


def parts(service: str, name: str) -> bool:
    """Whether a service has this part, as a module or as a package."""
    folder = PROJECT / "services" / service
    return (folder / f"{name}.py").is_file() or (folder / name / "__init__.py").is_file()


def test_every_module_says_what_it_is() -> None:
    silent = [
        path.relative_to(PROJECT)
        for path in ours("services", "shared", "deploy")
        if path.suffix == ".py"
        and not path.read_text().lstrip().removeprefix("r").startswith('"""')
    ]
    assert silent == []


def test_only_the_clock_reads_the_time() -> None:
    reads = {"now", "utcnow", "today"}
    readers = {
        path.relative_to(PROJECT).as_posix()
        for path in ours("services", "shared")
        if path.suffix == ".py"
        if any(f".{word}(" in path.read_text() for word in reads)  # few: parsing is slow
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and node.attr in reads
        and ast.unparse(node.value) in {"datetime", "date", "datetime.datetime", "datetime.date"}
    }
    assert readers <= {"shared/platform/clock.py"}


def test_what_lint_and_types_are_told_to_leave_has_its_reason() -> None:
    bare = [
        f"{path.relative_to(PROJECT)}:{number}"
        for path in ours("services", "shared", "deploy", "tests")
        if path.suffix == ".py"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (found := WAIVED.search(line)) and not found["reason"]
    ]
    assert bare == []


def test_what_the_tests_watch_and_except_is_there() -> None:
    """A function that moved would be watched, or let off, under a name that nothing has."""
    text = (PROJECT / "tests/integration/conftest.py").read_text(encoding="utf-8")
    named = re.findall(r'^    "(services[\w.]+)(?::(\w+))?",$', text, re.MULTILINE)
    assert len(named) > 10
    for module, function in named:
        source = importlib.util.find_spec(module)
        assert source is not None, module
        assert not function or f"def {function}(" in Path(str(source.origin)).read_text("utf-8")


def test_a_module_is_long_only_for_a_reason() -> None:
    long = {
        path.relative_to(PROJECT).as_posix()
        for path in ours("services", "shared", "deploy", "tests")
        if path.suffix == ".py" and len(path.read_text().splitlines()) > LONG
    }
    assert long - REASONS.keys() - LONGER_TESTS.keys() == set()


def test_no_reason_outlives_its_module() -> None:
    assert all((PROJECT / path).exists() for path in (*REASONS, *LONGER_TESTS))


def test_locks_and_pages_name_no_registry() -> None:
    named = [
        (path.relative_to(PROJECT).as_posix(), host)
        for path in ours()
        if path.suffix in {".lock", ".md", ".toml", ".json", ".sh", ".yaml", ".npmrc"}
        for host in HOSTS
        if host in path.read_text(encoding="utf-8")
    ]
    assert named == []


def test_a_commit_passes_the_same_commands_as_make_check() -> None:
    hooks = yaml.safe_load((PROJECT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    recipe = (PROJECT / "Makefile").read_text().split("\ncheck:")[1].split("\n\n")[0]
    called = [line.strip().replace("$(BIN)", ".venv/bin") for line in recipe.splitlines()[1:]]
    assert [hook["entry"] for hook in hooks] == called


def test_make_help_fits_on_one_look() -> None:
    said = subprocess.run(
        ["make", "--no-print-directory", "help"],  # noqa: S607  (found on the path)
        cwd=PROJECT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert len(said.stdout.splitlines()) <= 14
