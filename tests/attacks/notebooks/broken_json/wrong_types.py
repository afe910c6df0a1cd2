# ---
# class: hostile notebook JSON
# tries: sources, outputs and ids of wrong types
# success: a stalled class
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    odd = [None, 3, ["a", 3], {"a": 1}, [["x"]], True]
    for number, cell in enumerate(notebook["cells"]):
        cell["source"] = odd[number % len(odd)]
        cell["outputs"] = odd[(number + 1) % len(odd)]
        cell["id"] = odd[(number + 2) % len(odd)]
