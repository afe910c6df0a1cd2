# ---
# class: duplicated, deleted and converted cells
# tries: "tests before answers: the order turned round"
# success: any point
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    notebook["cells"] = notebook["cells"][::-1]
