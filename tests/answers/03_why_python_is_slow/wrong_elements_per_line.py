# ---
# why: takes 64 // stride elements to a line, which is right only where the stride divides 64
# fails: [lines_any_walk]
# ---
# %% solution="cache_lines"
def cache_lines(n, itemsize, stride):
    per_line = max(1, 64 // stride)
    return -(-n // per_line)
