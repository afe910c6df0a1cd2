# ---
# class: reading tests from disk, memory and processes
# tries: imports the grader and asks it, and the installed packages, for tests and solutions
# success: hidden tests told, or any point
# ---

# %% solution="total"
import glob
import sys

print([name for name in sys.modules if "grad" in name])
folders = [path for path in sys.path if path]
for folder in folders:
    for path in glob.glob(f"{folder}/**/@ASSIGNMENT@*", recursive=True)[:20]:
        text = open(path, errors="replace").read() if path.endswith(("b", "y")) else ""
        print(path, text[:3000])
for path in glob.glob(f"{sys.prefix}/../tests/**/@ASSIGNMENT@.py", recursive=True):
    for part in open(path).read().split('# %% solution="')[1:]:
        exec("\n".join(line for line in part.split("# %%")[0].splitlines()[1:]), globals())
