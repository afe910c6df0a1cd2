# ---
# class: recursion bombs
# tries: objects nested so deep that comparing, printing or freeing them fills the stack
# success: any point, or a stalled class
# ---

# %% solution="total"
import sys

sys.setrecursionlimit(10**8)


class Pair:
    def __init__(self, other):
        self.other = other

    def __eq__(self, other):
        return self.other == other

    def __repr__(self):
        return repr(self.other)


def total(values):
    made = None
    for _ in range(200_000):
        made = Pair(made)
    return made
