# ---
# class: forged frames on the checker's link
# tries: "gives values that are small here and huge there: broadcast arrays, long ranges, repeated references"
# success: a checker without memory or without end
# ---

# %% solution="total"
import numpy as np

kinds = iter(
    [
        lambda: np.broadcast_to(np.int8(14), (10**6, 10**6)),
        lambda: np.lib.stride_tricks.as_strided(np.zeros(1), (2**40,), (0,)),
        lambda: range(10**15),
        lambda: np.zeros((0, 2**62)),
        lambda: 10 ** (10**6),
    ]
)


def total(values):
    return next(kinds)()


# %% solution="scaler"
class Scaler:
    def fit(self, X):
        bomb = [0.0]
        for _ in range(40):
            bomb = [bomb, bomb]
        self.mean_ = bomb
        return self

    def transform(self, X):
        return np.broadcast_to(0.0, (2**20, 2**20))


# %% solution="frame"
import pandas as pd

per_hour = pd.DataFrame({"hour": pd.RangeIndex(10**8), "km": 1.0})
