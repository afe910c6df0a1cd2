# ---
# class: endless output
# tries: messages of megabytes for every test, in errors whose names, places and texts are all long
# success: a file of more than 64 MB
# ---

# %% solution="total"
Long = type("E" * 1_000_000, (Exception,), {"__str__": lambda self: "<b>" * 10_000_000})


def total(values):
    raise Long()


# %% solution="scaler"
Scaler = type("S" * 1_000_000, (), {"fit": total})

# %% solution="number"
share = longest = "x" * 30_000_000
