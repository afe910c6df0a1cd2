# ---
# why: counts every line between the first element and the last, those that no element lies in too
# fails: [lines_examples, lines_any_walk]
# ---
# %% solution="cache_lines"
def cache_lines(n, itemsize, stride):
    return 0 if n == 0 else (n - 1) * stride // 64 + 1
