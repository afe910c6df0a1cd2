# ---
# why: ends its cells in values, long text and rich objects that are displayed
# ---

# %% solution="total"
def total(values):
    return sum(value * value for value in values)


total([1, 2])

# %% solution="number"
share, longest = 9 / 32, "night"
{"share": share, "words": [longest] * 500}
