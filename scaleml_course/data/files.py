"""The trips table as CSV or Parquet files, one a partition, each whole or not there at all."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, NoReturn

import pandas as pd
import pyarrow as pa
import pyarrow.csv

from .arguments import whole
from .trips import GENERATOR_VERSION, MAX_SEED, partitions, trips

Folder = str | os.PathLike[str]
Format = Literal["csv", "parquet"]
BYTES_PER_ROW: dict[Format, int] = {"csv": 150, "parquet": 48}  # measured; for "is there room?" only
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_ABANDONED_AFTER_SECONDS = 3600.0


def write_csv(folder: Folder, n_rows: int, *, rows_per_file: int, seed: int = 0) -> list[Path]:
    """Write the first `n_rows` trips as ``trips-00000.csv``, ``trips-00001.csv``, ... into `folder`.

    Memory stays at one file's rows. Each file gets its name only when it is whole, and a list of the
    set (``_trips-csv.json``, which readers of folders skip) is written last. If that list shows the
    same set already there, nothing is written. A different set there is replaced: one folder, one set.
    Read it back with ``pandas.read_csv(path, dtype=CSV_DTYPES, parse_dates=DATE_COLUMNS)``.

    Parameters
    ----------
    folder : path
        Made if it does not exist.
    n_rows, rows_per_file : int
        About 150 bytes a row. The last file may be shorter; 0 rows give one file with a header.
    seed : int
        As for `trips`.

    Returns
    -------
    list of Path
        The files, in the order of their rows.

    Raises
    ------
    OSError
        When the disk is full, before or while writing: says how much is needed. No file of the
        unfinished set is left.
    """
    return _write_set("csv", _to_csv, folder, n_rows, rows_per_file, seed)


def write_parquet(folder: Folder, n_rows: int, *, rows_per_file: int, seed: int = 0) -> list[Path]:
    """Write the first `n_rows` trips as ``trips-00000.parquet``, ...: as `write_csv`, in 48 bytes a row.

    ``pandas.read_parquet`` reads a file, or the whole folder, back with the dtypes of `trips` (but a
    file of 0 rows has lost its categories). Dask does too, if its option ``dataframe.convert-string``
    is False; else it gives the notes its own string dtype.
    """
    return _write_set("parquet", _to_parquet, folder, n_rows, rows_per_file, seed)


def _to_csv(frame: pd.DataFrame, path: Path) -> None:
    # Arrow's writer is some 7 times as fast as DataFrame.to_csv, but spells out microseconds and
    # knows no categories: both are made plain first.
    table = pa.Table.from_pandas(frame, preserve_index=False)
    for position, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            table = table.set_column(position, field.name, table.column(position).cast(pa.large_string()))
        elif pa.types.is_timestamp(field.type):
            table = table.set_column(position, field.name, table.column(position).cast(pa.timestamp("s")))
    pa.csv.write_csv(table, path)


def _to_parquet(frame: pd.DataFrame, path: Path) -> None:
    frame.to_parquet(path, engine="pyarrow", index=False)


def _write_set(
    format: Format,
    write: Callable[[pd.DataFrame, Path], None],
    folder: Folder,
    n_rows: int,
    rows_per_file: int,
    seed: int,
) -> list[Path]:
    n_rows, rows_per_file = whole("n_rows", n_rows, 0), whole("rows_per_file", rows_per_file, 1)
    seed = whole("seed", seed, 0, MAX_SEED)
    parts = partitions(n_rows, rows_per_file)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"trips-{number:05d}.{format}" for number in range(len(parts))]
    listing = folder / f"_trips-{format}.json"
    wanted = {"n_rows": n_rows, "rows_per_file": rows_per_file, "seed": seed}
    wanted["generator_version"] = GENERATOR_VERSION
    if _is_complete(listing, wanted, paths):
        return paths

    _check_room(folder, n_rows, format)
    # The old list goes first: it must never vouch for files which are being replaced.
    listing.unlink(missing_ok=True)
    _remove_leftovers(folder, format, paths)
    try:
        for path, (start, size) in zip(paths, parts, strict=True):
            frame = trips(size, start=start, seed=seed)
            _write_whole(path, lambda temporary, frame=frame: write(frame, temporary))  # type: ignore[misc]
        sizes = {path.name: path.stat().st_size for path in paths}
        text = json.dumps({**wanted, "bytes": sizes}, indent=1)
        _write_whole(listing, lambda temporary: temporary.write_text(text, encoding="utf-8"))
    except BaseException as error:
        # Part of a table, or parts of two, look like a whole one to whoever reads "trips-*.csv".
        for path in paths:
            path.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            _refuse(error, folder, n_rows, format)
        raise
    return paths


def _write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a file under another name, and give it its name only when that went well."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.part")
    try:
        write(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _is_complete(listing: Path, wanted: dict[str, int], paths: list[Path]) -> bool:
    """Whether the list in the folder names this very set, and every file still has its size."""
    try:
        found: dict[str, Any] = json.loads(listing.read_text(encoding="utf-8"))
        sizes = found.pop("bytes")
        return found == wanted and sizes == {path.name: path.stat().st_size for path in paths}
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return False


def _remove_leftovers(folder: Path, format: Format, paths: list[Path]) -> None:
    """Remove files of an older set which this one would not overwrite, and what killed writers left.

    Files this set has too are left to be replaced one by one, so that two processes writing the same
    set into one folder do not take away each other's files.
    """
    stay = {path.name for path in paths}
    for path in folder.iterdir():
        if re.fullmatch(rf"trips-\d{{5,}}\.{format}", path.name) and path.name not in stay:
            path.unlink(missing_ok=True)
        elif re.fullmatch(rf"\.(_trips-|trips-\d{{5,}}\.){format}.*\.part", path.name):
            try:
                if time.time() - path.stat().st_mtime > _ABANDONED_AFTER_SECONDS:
                    path.unlink()
            except FileNotFoundError:  # another process has finished it meanwhile
                pass


def _check_room(folder: Path, n_rows: int, format: Format) -> None:
    """Refuse before anything is touched, so that an old set, if there is one, stays whole."""
    old_bytes = sum(path.stat().st_size for path in folder.glob(f"trips-*.{format}"))
    if shutil.disk_usage(folder).free + old_bytes < 0.9 * n_rows * BYTES_PER_ROW[format]:
        _refuse(OSError(errno.ENOSPC, ""), folder, n_rows, format)


def _refuse(error: OSError, folder: Path, n_rows: int, format: Format) -> NoReturn:
    needed = n_rows * BYTES_PER_ROW[format] / 1e6
    free = shutil.disk_usage(folder).free / 1e6
    raise OSError(
        error.errno,
        f"{os.strerror(error.errno or 0)}: {n_rows:,} trips as {format} need about {needed:,.1f} MB and "
        f"{free:,.1f} MB are free; nothing of this set was kept. Free some space, name a folder on another "
        "disk, or write fewer rows",
        str(folder),
    ) from error
