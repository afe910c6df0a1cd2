# ---
# why: a lambda where a function is asked for, a partial, a callable object and a class made by `type`
# ---

# %% solution="total"
from functools import partial, reduce

total = partial(reduce, lambda sum_, value: sum_ + value * value)
total = (lambda inner: lambda values: inner(values, 0))(total)

# %% solution="scaler"
Scaler = type(
    "Scaler",
    (),
    {
        "fit": lambda self, X: (setattr(self, "mean_", X.mean(axis=0)), self)[1],
        "transform": lambda self, X: X - self.mean_,
    },
)
