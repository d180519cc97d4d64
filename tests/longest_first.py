"""The order in which files of tests begin where several run at once: the longest first.

A file is one worker's (`--dist loadfile`). One that takes two minutes and begins last leaves the
other worker without anything to do for two minutes; so files begin by what they take, which is
written here for those that take much for their number of tests, and by that number otherwise.
`make` says `--no-loadscope-reorder`, else xdist would go by the number alone. Those of tests/e2e
begin by name: the short ones happen to be last, and each goes on in the story of the one before.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Final

import pytest

SECONDS: Final[Mapping[str, int]] = {
    "tests/architecture/test_imports.py": 12,
    "tests/contract/ocr/test_ocr.py": 30,
    "tests/contract/prometheus/test_several_sites.py": 15,
    "tests/contract/prometheus/test_alerts.py": 12,
    "tests/contract/ocr/test_codes_on_paper.py": 15,
    "tests/integration/desk/quality/test_figures_in_a_browser.py": 100,
    "tests/integration/desk/test_queue_in_a_browser.py": 65,
    "tests/integration/deploy/test_installed_by_the_guide.py": 60,
    "tests/integration/shared/test_process.py": 60,
    "tests/integration/desk/test_lists_in_a_browser.py": 60,
    "tests/integration/desk/test_kafka_lost.py": 55,
    "tests/integration/ingest/test_process.py": 55,
    "tests/integration/desk/test_hostile_requests.py": 50,
    "tests/integration/shared/test_three_brokers.py": 50,
    "tests/integration/shared/test_two_versions_on_one_topic.py": 50,
    "tests/integration/ops/test_other_release.py": 50,
    "tests/integration/desk/quality/test_survey.py": 40,
    "tests/integration/ingest/test_scans_process.py": 40,
    "tests/integration/notify/test_mass_reply.py": 40,
    "tests/integration/desk/test_authorisations_by_target.py": 40,
    "tests/integration/desk/quality/test_reception.py": 36,
    "tests/integration/desk/test_parapheur_attempts.py": 35,
    "tests/integration/desk/quality/test_measures_in_a_browser.py": 32,
    "tests/integration/desk/test_keep.py": 32,
    "tests/integration/desk/test_authorisations.py": 30,
    "tests/integration/sla/test_process.py": 30,
    "tests/integration/deploy/test_servers.py": 30,
    "tests/integration/desk/quality/test_website.py": 30,
    "tests/integration/desk/quality/test_auditor_in_a_browser.py": 28,
    "tests/integration/deploy/test_launch.py": 25,
    "tests/integration/notify/test_urgency.py": 25,
    "tests/integration/shared/test_kafka_tls.py": 25,
    "tests/integration/desk/test_parapheur_warnings.py": 25,
    "tests/integration/desk/test_queue_claims.py": 25,
    "tests/integration/desk/test_notes.py": 25,
    "tests/integration/desk/test_order_of_locks.py": 22,
    "tests/integration/desk/quality/test_one_figure_everywhere.py": 20,
    "tests/integration/shared/test_offset_holes.py": 20,
    "tests/integration/shared/test_beside_the_version_before.py": 20,
    "tests/integration/notify/test_order_of_locks.py": 20,
    "tests/integration/desk/test_bench.py": 20,
    "tests/integration/desk/test_senders.py": 20,
    "tests/integration/desk/test_office_sorting.py": 20,
    "tests/integration/desk/test_roles_by_group.py": 20,
    "tests/integration/desk/test_parapheur_letters.py": 20,
    "tests/integration/notify/test_digests.py": 18,
    "tests/integration/desk/test_item_pages.py": 17,
    "tests/integration/ingest/scans/test_letters_of_a_scan.py": 17,
    "tests/integration/desk/test_search.py": 15,
    "tests/integration/desk/test_layout_in_a_browser.py": 13,
    "tests/integration/shared/test_relay.py": 12,
    "tests/integration/shared/test_health_never_waits.py": 12,
    "tests/integration/shared/test_topic_log.py": 12,
    "tests/integration/desk/test_lost_at_night.py": 10,
    "tests/integration/desk/test_tamper_kafka.py": 10,
}
"""What a file took on two quiet cores, roughly: only the order counts."""
EACH: Final = 0.6
"""What a test takes in a file that is not named."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Orders files by what they take; within a file nothing moves."""
    file = {item: item.nodeid.partition("::")[0] for item in items}
    tests = Counter(file.values())

    def takes(path: str) -> float:
        return 0 if path.startswith("tests/e2e/") else SECONDS.get(path, EACH * tests[path])

    items.sort(key=lambda item: -takes(file[item]))
