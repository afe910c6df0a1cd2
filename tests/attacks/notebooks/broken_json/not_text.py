# ---
# class: hostile notebook JSON
# tries: a megabyte of random bytes, as a notebook
# success: a stalled class
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    import os

    return os.urandom(2**20)
