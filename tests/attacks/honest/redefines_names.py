# ---
# why: uses names such as `list`, `sum`, `expected` and `np` for things of its own
# ---

# %% solution="number"
list = [1, 2, 3]
expected = "something else"
got = None
np = "not numpy"
share, longest = 9 / 32, "night"
