# ---
# why: generators, recursion a thousand deep, closures and global state
# ---

# %% solution="total"
calls = 0


def squares(values):
    for value in values:
        yield value * value


def deep(n):
    return n if n == 0 else deep(n - 1)


def total(values):
    global calls
    calls += 1
    deep(700)
    return sum(squares(values))
