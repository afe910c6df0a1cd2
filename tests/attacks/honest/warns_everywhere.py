# ---
# why: the answers warn, in cells, calls and methods, with deprecations among it
# ---

# %% solution="total"
import warnings

warnings.simplefilter("always")
warnings.warn("a cell that warns", stacklevel=1)


def total(values):
    warnings.warn("this will change", DeprecationWarning, stacklevel=2)
    warnings.warn("take care", stacklevel=2)
    return sum(value * value for value in values)


# %% solution="scaler"
import numpy as np


class Scaler:
    def fit(self, X):
        np.array([]).mean()  # a RuntimeWarning of NumPy's own
        self.mean_ = X.mean(axis=0)
        return self

    def transform(self, X):
        warnings.warn("transform warns too", FutureWarning, stacklevel=2)
        return X - self.mean_
