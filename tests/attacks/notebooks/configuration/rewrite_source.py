# ---
# class: rewriting the notebook or the configuration
# tries: rewrites the instructor's source and release so that later tests pass
# success: files of the course changed
# ---

# %% solution="total"
import json
import os

for step in ("source", "release"):
    path = f"@COURSE@/{step}/@ASSIGNMENT@/@ASSIGNMENT@.ipynb"
    notebook = json.load(open(path))
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade"):
            cell["source"] = "pass  # planted-by-@NAME@"
    os.chmod(path, 0o644)
    json.dump(notebook, open(path, "w"))
