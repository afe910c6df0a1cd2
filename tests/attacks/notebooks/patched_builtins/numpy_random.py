# ---
# class: patched builtins
# tries: a random generator that gives only zeros, so that hidden inputs are known
# success: the hidden half of `total_any` or of `scaler_any`
# ---

# %% solution="total"
import numpy as np


class Zeros:
    def integers(self, *args, size=1, **kwargs):
        return np.zeros(size, dtype=int)

    def normal(self, *args, size=1, **kwargs):
        return np.zeros(size)


np.random.default_rng = lambda *args: Zeros()


def total(values):
    return 0


# %% solution="scaler"
class Scaler:
    def fit(self, X):
        return self

    def transform(self, X):
        return np.zeros(X.shape)
