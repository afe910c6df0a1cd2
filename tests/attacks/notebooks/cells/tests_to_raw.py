# ---
# class: duplicated, deleted and converted cells
# tries: turns every test and every locked cell into raw text
# success: any point
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("locked"):
            cell["cell_type"] = "raw"
            cell.pop("outputs", None), cell.pop("execution_count", None)
