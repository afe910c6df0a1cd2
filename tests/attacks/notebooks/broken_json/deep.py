# ---
# class: hostile notebook JSON
# tries: metadata nested a hundred thousand deep
# success: a stalled class
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    import json

    text = json.dumps(notebook)
    return text.replace('"metadata": {', '"metadata": {"a": ' + "[" * 100_000 + "]" * 100_000 + ",", 1).encode()
