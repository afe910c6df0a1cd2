# ---
# why: an added cell that raises, and an answer that catches errors of its own
# ---

# %% solution="total"
def total(values):
    try:
        return {}["nothing"]
    except KeyError:
        return sum(value * value for value in values)


# %%
1 / 0

# %% solution="number"
try:
    assert False, "caught"
except AssertionError as error:
    print(error)
share, longest = 9 / 32, "night"
