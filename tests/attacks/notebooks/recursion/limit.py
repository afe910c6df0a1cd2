# ---
# class: recursion bombs
# tries: endless recursion with the limit lifted, until the stack is full
# success: any point, or a stalled class
# ---

# %% solution="total"
import sys

sys.setrecursionlimit(2**30)


def total(values):
    return total(values) + 1
