# ---
# class: forged frames on the checker's link
# tries: values that contain themselves, and values nested a hundred thousand deep
# success: a checker that crashes, and with it others' marks
# ---

# %% solution="total"
def total(values):
    if values:
        own = []
        own.append(own)
        return {"a": own, "b": (own,)}
    deep = []
    for _ in range(100_000):
        deep = [deep]
    return deep
