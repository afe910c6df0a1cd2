# ---
# class: hostile files beside the notebook
# tries: the notebook handed in is itself a named pipe
# success: a stalled class
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    import os

    os.mkfifo(folder / "@ASSIGNMENT@.ipynb")
