# ---
# class: editing metadata
# tries: swaps the ids of tests, so that the easy one counts for the hard one
# success: more than the honest points of `total`
# right: [total]
# keeps: true
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    tests = [cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade")]
    names = [cell["metadata"]["nbgrader"]["grade_id"] for cell in tests]
    for cell, name in zip(tests, names[::-1]):
        cell["metadata"]["nbgrader"]["grade_id"] = name
