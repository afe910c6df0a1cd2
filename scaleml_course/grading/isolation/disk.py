"""What a folder takes up on the disk, while untrusted code may be changing it."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

#: An empty file or folder takes no block and still an inode, which a file system can run out of.
_LEAST_BYTES_AN_ENTRY = 1024
_DEEPEST_FOLDER = 40


@dataclass(frozen=True)
class DiskUsage:
    """What a folder takes up.

    Attributes
    ----------
    disk_bytes : int
        Blocks in use, not lengths: a hole takes none. A file with several names counts once, and each file
        or folder as 1 KiB at least.
    entries : int
        Files and folders.
    complete : bool
        False when there was more than was looked at (too many, too deep, or locked): take it as over any limit.
    """

    disk_bytes: int
    entries: int
    complete: bool


def disk_usage(folder: Path, *, max_entries: int = 20_000) -> DiskUsage:
    """Look through a folder that untrusted code may be changing; links are not followed.

    Parameters
    ----------
    max_entries : int
        Files and folders after which to stop.
    """
    inodes: set[tuple[int, int]] = set()
    total, complete, queue = 0, True, [(str(folder), 0)]
    while queue:
        path, depth = queue.pop()
        try:
            with os.scandir(path) as entries:
                for entry in entries:
                    status = entry.stat(follow_symlinks=False)
                    if (status.st_dev, status.st_ino) in inodes:
                        continue
                    inodes.add((status.st_dev, status.st_ino))
                    total += max(status.st_blocks * 512, _LEAST_BYTES_AN_ENTRY)
                    if stat.S_ISDIR(status.st_mode):
                        queue.append((entry.path, depth + 1))
                    if len(inodes) > max_entries or depth > _DEEPEST_FOLDER:
                        return DiskUsage(total, len(inodes), complete=False)
        except FileNotFoundError:
            continue  # removed while being looked at
        except OSError:
            complete = False
    return DiskUsage(total, len(inodes), complete)
