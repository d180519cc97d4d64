"""What stands in a scan folder, as one look at it says."""

import os
from pathlib import Path

from services.ingest.scan_files import list_files, stamp_of


def test_a_share_that_makes_up_inodes_does_not_change_the_file(tmp_path: Path) -> None:
    path = tmp_path / "lot.pdf"
    path.write_bytes(b"%PDF-1.7")
    status = path.stat()
    (mode, _, *others), times = (
        tuple(status)[:10],
        {name: getattr(status, name) for name in ("st_mtime_ns", "st_ctime_ns")},
    )
    elsewhere = os.stat_result((mode, 4_711, *others), times)
    assert elsewhere.st_ino != status.st_ino
    assert stamp_of(elsewhere) == stamp_of(status)


def test_a_file_that_took_anothers_place_has_another_stamp(tmp_path: Path) -> None:
    path, other = tmp_path / "lot.pdf", tmp_path / "other"
    path.write_bytes(b"first")
    (before,) = list_files(tmp_path).files
    other.write_bytes(b"later")
    os.utime(other, ns=(before.stamp.modified, before.stamp.modified))
    other.rename(path)
    (after,) = list_files(tmp_path).files
    assert (after.stamp.size, after.stamp.modified) == (before.stamp.size, before.stamp.modified)
    assert after.stamp != before.stamp
