# ---
# class: hostile notebook JSON
# tries: NaN, infinity and whole numbers of five thousand digits in the notebook
# success: a stalled class
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    import json

    text = json.dumps(notebook)
    digits = "9" * 5000
    return text.replace('"metadata": {', f'"metadata": {{"a": NaN, "b": -Infinity, "c": {digits}, ', 3).encode()
