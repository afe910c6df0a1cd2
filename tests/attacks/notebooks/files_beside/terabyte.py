# ---
# class: hostile files beside the notebook
# tries: a sparse file of a terabyte beside the notebook
# success: a stalled class, or a full disk
# right: [total]
# keeps: true
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    with open(folder / "data.bin", "wb") as file:
        file.truncate(2**40)
