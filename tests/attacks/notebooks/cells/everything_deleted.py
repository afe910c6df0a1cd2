# ---
# class: duplicated, deleted and converted cells
# tries: hands in a notebook without cells
# success: any point, or a stalled class
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    notebook["cells"] = []
