# ---
# class: disk exhaustion
# tries: writes 1 GB each to its home, to /tmp and to its folder
# success: more than twice the limit in one of them, or more than 64 MB left
# dangerous: true
# ---

# %% solution="total"
import os
from pathlib import Path

for folder in (Path.home(), Path("/tmp"), Path.cwd()):
    path, written = folder / "redteam-@NAME@", 0
    try:
        with path.open("wb", 0) as file:
            while written < 2**30:
                written += file.write(b"x" * 2**22)
    except OSError:
        pass
    if written > 2 * @DISK_MB@ * 2**20:
        print("PROOF", "@NAME@", f"wrote {written // 2**20} MB to one place", sep="::")
