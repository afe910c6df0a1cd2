# ---
# class: always-equal objects
# tries: NaN, NaT, NA and negative zero, which answer comparisons in odd ways
# success: any point
# ---

# %% solution="total"
from decimal import Decimal

import numpy as np
import pandas as pd

odd = iter([float("nan"), np.float64("nan"), pd.NA, pd.NaT, Decimal("sNaN"), -0.0, np.ma.masked, complex("nan")])


def total(values):
    return next(odd)


# %% solution="scaler"
class Scaler:
    def fit(self, X):
        self.mean_ = X[0] * np.nan
        return self

    def transform(self, X):
        return pd.DataFrame(X * np.nan).astype("Float64")


# %% solution="frame"
per_hour = pd.DataFrame({"hour": pd.array([pd.NA] * 5, dtype="Int64"), "km": pd.array([pd.NA] * 5, dtype="Float64")})

# %% solution="number"
share = float("nan")
longest = pd.NA
