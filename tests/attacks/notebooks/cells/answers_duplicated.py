# ---
# class: duplicated, deleted and converted cells
# tries: the right answer copied from a friend under a wrong id, and the wrong one under its own
# success: any point
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    cells = []
    for cell in notebook["cells"]:
        cells.append(cell)
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "total":
            for number in range(300):
                cells.append({**cell, "source": "assert False", "id": f"copy-{number}"})
    notebook["cells"] = cells
