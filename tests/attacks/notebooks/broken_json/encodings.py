# ---
# class: hostile notebook JSON
# tries: the file in UTF-16
# success: a stalled class
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    import json

    return json.dumps(notebook).encode("utf-16")
