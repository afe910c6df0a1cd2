# ---
# class: hostile notebook JSON
# tries: "`cells` is a dictionary, cells are numbers and text"
# success: a stalled class
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    notebook["cells"] = [1, "cell", None, [], *notebook["cells"], {}, {"cell_type": "code"}]
