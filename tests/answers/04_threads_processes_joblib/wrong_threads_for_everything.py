# ---
# why: the notes on threads, because threads are light; forgets that string methods hold the GIL
# fails: [choose_notes]
# ---
# %% solution="choose_backend"
def choose_backend():
    return {"notes": ("threading", "AE"), "routes": ("threading", "B"), "nearest": ("threading", "CD")}
