# ---
# class: hostile notebook JSON
# tries: "metadata nested nine hundred deep: the parser takes it, what walks through it may not"
# success: a stalled class
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    deep = {}
    for _ in range(900):
        deep = {"a": deep}
    notebook["metadata"]["deep"] = deep
    notebook["cells"][0]["metadata"]["deep"] = deep
