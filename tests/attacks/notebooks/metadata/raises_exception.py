# ---
# class: editing metadata
# tries: tags every test `raises-exception`, and sets the notebook's own execution options
# success: any point
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    notebook["metadata"]["execution"] = {"allow_errors": True, "timeout": 0.001}
    notebook["metadata"]["nbclient"] = notebook["metadata"]["nbconvert"] = {"enabled": False}
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade"):
            cell["metadata"]["tags"] = ["raises-exception"]
            cell["metadata"]["execution"] = {"iopub.status.idle": "2026-01-01T00:00:00Z"}
