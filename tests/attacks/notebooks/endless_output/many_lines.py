# ---
# class: endless output
# tries: lines without end
# success: a grader without memory, a file of more than 64 MB, a stalled class
# ---

# %% solution="total"
while True:
    print("all work and no play")
