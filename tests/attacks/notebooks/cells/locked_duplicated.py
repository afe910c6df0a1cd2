# ---
# class: duplicated, deleted and converted cells
# tries: every locked cell twice, with the same id
# success: a stalled class
# right: [total]
# keeps: true
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    cells = []
    for cell in notebook["cells"]:
        cells += [cell, {**cell, "id": f"again-{len(cells)}"}] if cell["metadata"].get("nbgrader", {}).get("locked") else [cell]
    notebook["cells"] = cells
