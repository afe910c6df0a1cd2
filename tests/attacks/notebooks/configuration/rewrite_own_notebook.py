# ---
# class: rewriting the notebook or the configuration
# tries: "rewrites the notebook being graded in its folder: tests that pass, points for all"
# success: any point
# ---

# %% solution="total"
import glob
import json
import os

for path in glob.glob("*.ipynb") + glob.glob("@COURSE@/autograded/@NAME@/*/*.ipynb"):
    try:
        os.chmod(path, 0o644)
        notebook = json.load(open(path))
        for cell in notebook["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("grade"):
                cell["source"] = "pass"
        json.dump(notebook, open(path, "w"))
    except OSError:
        continue
