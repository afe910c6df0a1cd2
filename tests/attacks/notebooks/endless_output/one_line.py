# ---
# class: endless output
# tries: one line of 300 MB
# success: a grader without memory, a file of more than 64 MB, a stalled class
# ---

# %% solution="total"
print("x" * 300_000_000)
