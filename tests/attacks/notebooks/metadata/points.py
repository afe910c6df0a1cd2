# ---
# class: editing metadata
# tries: raises the points of every test to 100 and leaves the answers wrong but one
# success: more than the honest points of `total`
# right: [total]
# keeps: true
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade"):
            cell["metadata"]["nbgrader"]["points"] = 100
