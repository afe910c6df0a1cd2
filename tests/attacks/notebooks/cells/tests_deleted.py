# ---
# class: duplicated, deleted and converted cells
# tries: deletes every test
# success: any point
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    notebook["cells"] = [cell for cell in notebook["cells"] if not cell["metadata"].get("nbgrader", {}).get("grade")]
