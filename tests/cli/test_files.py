"""Writing files: whole or not at all."""

import errno
import os
from pathlib import Path

import pyarrow as pa
import pytest

from stammkunde.cli.files import check, replacing, write_table, write_text
from stammkunde.errors import InputError


def test_a_file_that_fails_halfway_leaves_the_old_one(tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    report.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        write_text("half \ud800", str(report))
    assert report.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_a_full_disk_is_told_as_advice(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No space left") as full, replacing(str(tmp_path / "x.csv")):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert "room" in full.value.advice


def test_what_a_link_leads_to_is_replaced_not_the_link(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    link = tmp_path / "report.html"
    link.symlink_to(tmp_path / "there" / "report.html")
    write_text("new", str(link))
    assert link.is_symlink()
    assert (tmp_path / "there" / "report.html").read_text() == "new"


def test_a_check_leaves_nothing_behind(tmp_path: Path) -> None:
    check([str(tmp_path / "a.csv"), None])
    assert list(tmp_path.iterdir()) == []


def test_folders_and_devices_are_no_files_to_replace(tmp_path: Path) -> None:
    for name in (str(tmp_path), os.devnull):
        with pytest.raises(InputError, match=r"folder|no file"):
            check([name])


def test_a_name_that_looks_like_a_formula_keeps_its_nulls_and_neighbours(tmp_path: Path) -> None:
    table = pa.table({"customer_id": ["=1+1", None, "Anna"], "value": [-1.5, 2.0, None]})
    write_table(table, str(tmp_path / "t.csv"))
    assert (tmp_path / "t.csv").read_text().splitlines()[1:] == ['"\'=1+1",-1.5', ",2", '"Anna",']
