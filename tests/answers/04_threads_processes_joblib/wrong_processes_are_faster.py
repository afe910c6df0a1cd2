# ---
# why: processes for everything, with the false fact that they are always faster
# fails: [choose_notes, choose_routes, choose_nearest]
# ---
# %% solution="choose_backend"
def choose_backend():
    return {"notes": ("loky", "AF"), "routes": ("loky", "BF"), "nearest": ("loky", "CF")}
