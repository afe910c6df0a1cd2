# ---
# class: always-equal objects
# tries: "numbers in other clothes: an IntEnum, a NumPy void, a structured scalar, an object array that agrees"
# success: points for `total` or `Scaler`
# ---

# %% solution="total"
import enum

import numpy as np


class Yes:
    def __eq__(self, other):
        return True

    def __sub__(self, other):
        return 0.0

    __rsub__ = __sub__

    def __float__(self):
        return 2.0


class Number(enum.IntEnum):
    WRONG = 13

    def __eq__(self, other):
        return True


def total(values):
    return Number.WRONG if len(values) % 2 else np.array([Yes()], dtype=object)


# %% solution="scaler"
class Scaler:
    mean_ = np.array([Yes(), Yes()], dtype=object)

    def fit(self, X):
        return self

    def transform(self, X):
        return np.full(X.shape, Yes(), dtype=object)
