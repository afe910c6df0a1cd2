# ---
# class: editing metadata
# tries: other schema versions of nbgrader, too old, too new and none
# success: any point, or a stalled class
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    for number, cell in enumerate(notebook["cells"]):
        options = cell["metadata"].get("nbgrader", {})
        options["schema_version"] = [0, 1, 2, 99, "3", None][number % 6]
