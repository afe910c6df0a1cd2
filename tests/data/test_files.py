"""The trips table on disk: read back equal, written once, and never half."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import time
from collections import namedtuple
from pathlib import Path

import dask
import dask.dataframe as dd
import pandas as pd
import pytest

from scaleml_course.data import (
    BYTES_PER_ROW,
    CSV_DTYPES,
    DATE_COLUMNS,
    files,
    trips,
    write_csv,
    write_parquet,
)

WRITERS = {"csv": write_csv, "parquet": write_parquet}
both = pytest.mark.parametrize("format", ["csv", "parquet"])


def read(path: Path) -> pd.DataFrame:
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    return pd.read_csv(path, dtype=CSV_DTYPES, parse_dates=DATE_COLUMNS)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@both
@pytest.mark.parametrize("rows_per_file", [9_000, 20_000, 50_000])
def test_round_trip(tmp_path: Path, format: str, rows_per_file: int) -> None:
    paths = WRITERS[format](tmp_path / "new" / "folder", 20_000, rows_per_file=rows_per_file, seed=3)
    n_files = -(-20_000 // rows_per_file)
    assert [path.name for path in paths] == [f"trips-{number:05d}.{format}" for number in range(n_files)]
    whole = pd.concat([read(path) for path in paths], ignore_index=True)
    pd.testing.assert_frame_equal(whole, trips(20_000, seed=3), check_exact=True)


def test_folders_are_read_back_by_pandas_and_dask(tmp_path: Path) -> None:
    """The list of the set lies in the same folder, and must not be taken for data."""
    expected = trips(5_000)
    write_parquet(tmp_path / "parquet", 5_000, rows_per_file=2_000)
    write_csv(tmp_path / "csv", 5_000, rows_per_file=2_000)
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "parquet"), expected)
    with dask.config.set({"dataframe.convert-string": False, "scheduler": "sync"}):
        parquet = dd.read_parquet(tmp_path / "parquet").compute()
        pattern = tmp_path / "csv" / "trips-*.csv"
        csv = dd.read_csv(pattern, dtype=CSV_DTYPES, parse_dates=DATE_COLUMNS).compute()
    pd.testing.assert_frame_equal(parquet.reset_index(drop=True), expected)
    pd.testing.assert_frame_equal(csv.reset_index(drop=True), expected)


@both
def test_no_rows_make_one_file_with_the_columns(tmp_path: Path, format: str) -> None:
    (path,) = WRITERS[format](tmp_path, 0, rows_per_file=10)
    frame = read(path)
    assert frame.empty
    expected, found = trips(0).dtypes, frame.dtypes
    # Limits of the formats: pandas parses no dates where there are none, Parquet keeps categories with rows.
    lost = DATE_COLUMNS if format == "csv" else ["vehicle", "weather"]
    expected, found = expected.drop(lost), found.drop(lost)
    assert found.equals(expected)


@both
def test_a_few_rows_keep_all_categories(tmp_path: Path, format: str) -> None:
    (path,) = WRITERS[format](tmp_path, 2, rows_per_file=10)
    assert read(path).dtypes.equals(trips(0).dtypes)


@both
def test_the_rough_size_is_roughly_right(tmp_path: Path, format: str) -> None:
    (path,) = WRITERS[format](tmp_path, 50_000, rows_per_file=50_000)
    assert 0.8 < path.stat().st_size / (50_000 * BYTES_PER_ROW[format]) < 1.25


# --- written once --------------------------------------------------------------------------------


@both
def test_a_set_which_is_there_is_not_written_again(
    tmp_path: Path, format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = WRITERS[format](tmp_path, 3_000, rows_per_file=1_000)

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("rows were made again")

    monkeypatch.setattr(files, "trips", refuse)
    assert WRITERS[format](tmp_path, 3_000, rows_per_file=1_000) == first


@pytest.mark.parametrize("change", [{"n_rows": 2_000}, {"seed": 1}, {"rows_per_file": 1_500}])
def test_another_set_replaces_the_old_one_whole(tmp_path: Path, change: dict[str, int]) -> None:
    write_csv(tmp_path, 3_000, rows_per_file=1_000)
    (tmp_path / "mine.csv").write_text("stays")
    wanted = {"n_rows": 3_000, "rows_per_file": 1_000, "seed": 0, **change}
    paths = write_csv(tmp_path, **wanted)
    assert names(tmp_path) == ["_trips-csv.json", "mine.csv", *(path.name for path in paths)]
    whole = pd.concat([read(path) for path in paths], ignore_index=True)
    pd.testing.assert_frame_equal(whole, trips(wanted["n_rows"], seed=wanted["seed"]))


@pytest.mark.parametrize("damage", ["lost", "cut", "no list", "bad list", "odd list", "old version"])
def test_a_damaged_set_is_written_again(tmp_path: Path, damage: str) -> None:
    paths = write_csv(tmp_path, 3_000, rows_per_file=1_000)
    listing = tmp_path / "_trips-csv.json"
    if damage == "lost":
        paths[1].unlink()
    elif damage == "cut":
        paths[1].write_bytes(paths[1].read_bytes()[:1_000])
    elif damage == "no list":
        listing.unlink()
    elif damage == "bad list":
        listing.write_text("{")
    elif damage == "odd list":
        listing.write_text("[]")
    else:
        listing.write_text(json.dumps({**json.loads(listing.read_text()), "generator_version": 0}))
    if damage in ("no list", "bad list", "odd list", "old version"):
        paths[1].write_text("not the data")
    write_csv(tmp_path, 3_000, rows_per_file=1_000)
    pd.testing.assert_frame_equal(read(paths[1]), trips(1_000, start=1_000).reset_index(drop=True))


def test_formats_do_not_disturb_each_other(tmp_path: Path) -> None:
    csv = write_csv(tmp_path, 100, rows_per_file=100)
    parquet = write_parquet(tmp_path, 200, rows_per_file=100)
    assert all(path.exists() for path in csv + parquet)


def test_what_a_killed_writer_left_is_removed_but_not_what_a_live_one_writes(tmp_path: Path) -> None:
    old, new = tmp_path / ".trips-00000.csv.123.part", tmp_path / ".trips-00001.csv.456.part"
    for path in (old, new):
        path.write_text("half")
    os.utime(old, (time.time() - 86_400,) * 2)
    write_csv(tmp_path, 100, rows_per_file=100)
    assert not old.exists()
    assert new.exists()


# --- a full disk ---------------------------------------------------------------------------------


@both
def test_too_little_room_is_said_before_any_row_is_made(
    tmp_path: Path, format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9 - 10**6, 10**6))
    monkeypatch.setattr(files, "trips", None)
    megabytes = 10**6 * BYTES_PER_ROW[format] // 10**6
    with pytest.raises(
        OSError, match=rf"1,000,000 trips as {format} need about {megabytes}.0 MB and 1.0 MB"
    ) as caught:
        WRITERS[format](tmp_path, 10**6, rows_per_file=10**5)
    assert caught.value.errno == errno.ENOSPC
    assert names(tmp_path) == []


def test_a_set_for_which_there_is_no_room_leaves_the_old_one_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = write_csv(tmp_path, 2_000, rows_per_file=1_000)
    before = names(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda _: namedtuple("usage", "free")(0))
        with pytest.raises(OSError, match="need about"):
            write_csv(tmp_path, 10_000, rows_per_file=1_000)
    assert names(tmp_path) == before
    pd.testing.assert_frame_equal(read(paths[0]), trips(1_000))


@both
def test_a_disk_which_fills_up_while_writing_leaves_nothing(tmp_path: Path, format: str) -> None:
    """The system itself refuses: a limit on file size fails in `write`, as a full disk does.

    The folder held another set: once, its first file stayed behind and passed for the new one's.
    """
    code = f"""
import resource, sys
from scaleml_course.data import write_csv, write_parquet
write_{format}(sys.argv[1], 50, rows_per_file=50)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    write_{format}(sys.argv[1], 50_000, rows_per_file=50_000)
except OSError as error:
    print(error.errno, error)
"""
    command = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert f"[Errno {errno.EFBIG}]" in done.stdout, done.stdout + done.stderr
    assert "need about" in done.stdout
    assert names(tmp_path) == []


def test_a_failure_in_a_later_file_takes_the_earlier_ones_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Part of a set, read by a pattern, would pass for the whole table."""
    real = files._to_csv

    def fill_up(frame: pd.DataFrame, path: Path) -> None:
        if frame.index[0] >= 2_000:
            path.write_text("half a file")
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        real(frame, path)

    monkeypatch.setattr(files, "_to_csv", fill_up)
    with pytest.raises(OSError, match=r"3,000 trips as csv need about 0\.\d MB"):
        write_csv(tmp_path, 3_000, rows_per_file=1_000)
    assert names(tmp_path) == []


def test_an_interrupt_leaves_nothing_and_is_heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(frame: pd.DataFrame, path: Path) -> None:
        path.write_text("half a file")
        raise KeyboardInterrupt

    monkeypatch.setattr(files, "_to_parquet", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_parquet(tmp_path, 3_000, rows_per_file=1_000)
    assert names(tmp_path) == []


def test_bad_input_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="rows_per_file must be 1 or more, but is 0"):
        write_csv(tmp_path, 10, rows_per_file=0)
    with pytest.raises(TypeError, match=r"n_rows must be a whole number, but is 1e3|1000.0"):
        write_parquet(tmp_path, 1e3, rows_per_file=10)
    with pytest.raises(ValueError, match="seed must be from 0"):
        write_csv(tmp_path, 10, rows_per_file=5, seed=-1)
    assert names(tmp_path) == []
