# ---
# class: editing metadata
# tries: adds a graded cell of its own, worth 50 points
# success: any point
# ---

# %% solution="total"

# %%
50

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    for number, cell in enumerate(notebook["cells"]):
        if cell["source"] == "50":
            options = {"grade": True, "grade_id": "bonus", "points": 50, "solution": False, "locked": True}
            cell["metadata"]["nbgrader"] = {**options, "schema_version": 3, "task": False}
