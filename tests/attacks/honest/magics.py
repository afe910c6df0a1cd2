# ---
# why: times itself with `%timeit` and `%%time`, and asks for help
# ---

# %% solution="total"
def total(values):
    return sum(value * value for value in values)


%timeit -n 2 -r 2 total([1, 2, 3])

# %% solution="number"
%time share = 9.0 / 32.0
longest = "night"
!echo from the shell
%env MINE=1

# %%
total?

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    for cell in notebook["cells"]:
        if cell["source"].startswith("total?"):
            cell["source"] = "%%time\nprint(total(range(1000)))"
