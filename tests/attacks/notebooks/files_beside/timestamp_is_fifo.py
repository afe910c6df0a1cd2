# ---
# class: hostile files beside the notebook
# tries: a time of submission that waits for ever to be read
# success: a stalled class
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    import os

    os.mkfifo(folder / "timestamp.txt")
