# ---
# class: hostile files beside the notebook
# tries: the notebook handed in is a folder with a notebook in it
# success: a stalled class
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    (folder / "@ASSIGNMENT@.ipynb").mkdir()
    (folder / "@ASSIGNMENT@.ipynb" / "@ASSIGNMENT@.ipynb").write_text("{}")
