# ---
# class: hostile files beside the notebook
# tries: "a named pipe beside the notebook: whoever reads it waits for ever"
# success: a stalled class
# right: [total]
# keeps: true
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    import os

    os.mkfifo(folder / "data.csv")
