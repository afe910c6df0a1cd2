# ---
# class: reading tests from disk, memory and processes
# tries: takes the solutions from the instructor's source and runs them
# success: any point
# ---

# %% solution="total"
import json
from pathlib import Path

for cell in json.loads(Path("@COURSE@/source/@ASSIGNMENT@/@ASSIGNMENT@.ipynb").read_text())["cells"]:
    if cell["metadata"]["nbgrader"]["solution"]:
        exec("".join(cell["source"]), globals())

# %% solution="scaler"

# %% solution="frame"

# %% solution="number"
