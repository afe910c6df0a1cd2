# ---
# class: endless output
# tries: prints without end when a test calls
# success: a grader without memory, a file of more than 64 MB, a stalled class
# ---

# %% solution="total"
def total(values):
    while True:
        print("x" * 1_000_000)
