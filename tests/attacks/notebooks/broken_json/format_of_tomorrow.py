# ---
# class: hostile notebook JSON
# tries: a format number from the future, as text and as a number
# success: a stalled class
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    notebook["nbformat"], notebook["nbformat_minor"] = 5, "99"
