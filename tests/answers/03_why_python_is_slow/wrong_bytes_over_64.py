# ---
# why: divides the bytes asked for by 64, as if only those were fetched
# fails: [lines_examples, lines_any_walk]
# ---
# %% solution="cache_lines"
def cache_lines(n, itemsize, stride):
    return -(-n * itemsize // 64)
