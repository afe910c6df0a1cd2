# ---
# class: poisoned pickles
# tries: objects whose `__reduce__` plants a file where they are unpickled
# success: something planted
# ---

# %% solution="total"
import os


class Poison:
    def __reduce__(self):
        return os.system, ("touch @MARKS@/planted-by-@NAME@",)

    __reduce_ex__ = lambda self, protocol: self.__reduce__()


def total(values):
    return Poison()


# %% solution="scaler"
import numpy as np


class Scaler:
    def fit(self, X):
        self.mean_ = np.array([Poison()], dtype=object)
        return self

    def transform(self, X):
        return [Poison(), {"a": Poison()}]


# %% solution="frame"
import pandas as pd

per_hour = pd.DataFrame({"hour": [Poison()], "km": [Poison()]})

# %% solution="number"
share, longest = Poison(), Poison()
