# ---
# class: duplicated, deleted and converted cells
# tries: every test a second time, with text that passes, before and behind the real one
# success: any point
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    cells = []
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade"):
            twin = {**cell, "source": "pass", "id": f"twin-{len(cells)}"}
            cells += [twin, cell, {**twin, "id": f"third-{len(cells)}"}]
        else:
            cells.append(cell)
    notebook["cells"] = cells
