# ---
# why: right backends, but overlooks that 10 GB cannot be copied to workers in 16 GB
# fails: [choose_nearest]
# ---
# %% solution="choose_backend"
def choose_backend():
    return {"notes": ("loky", "A"), "routes": ("threading", "B"), "nearest": ("threading", "C")}
