# ---
# title: Four answers, four libraries
# minutes: 10
# timeout_s: 60
# memory_mb: 1500
# needs: []
# ---

# %% [markdown]
# # Four answers, four libraries
#
# A small exercise of the usual kind: NumPy, pandas, scikit-learn and Dask, one answer each. The
# benchmark of the grader hands it in hundreds of times.

# %%
import dask.array as da
import numpy as np
import pandas as pd
from sklearn.linear_model import LinearRegression

# %% [markdown]
# `standardise(values)`: the values, less their mean, over their standard deviation.


# %% solution="standardise"
def standardise(values):
    ### BEGIN SOLUTION
    return (values - values.mean()) / values.std()
    ### END SOLUTION


# %% test="standardised" points=2
import numpy as np

result = standardise(np.array([1.0, 2.0, 3.0]))
assert np.allclose(result, [-1.2247448713915890, 0.0, 1.2247448713915890]), f"for 1, 2, 3: got {result}"

### BEGIN HIDDEN TESTS
values = np.random.default_rng().normal(3, 2, 1_000)
result = standardise(values)
assert np.isclose(result.std(), 1.0), f"the standard deviation should be 1, it is {result.std()}"
### END HIDDEN TESTS

# %% [markdown]
# `late_share(trips)`: for every zone, the share of late trips, as a Series.


# %% solution="late_share"
def late_share(trips):
    ### BEGIN SOLUTION
    return trips.groupby("zone")["late"].mean()
    ### END SOLUTION


# %% test="shares" points=2
import pandas as pd

trips = pd.DataFrame({"zone": ["a", "a", "b"], "late": [0, 1, 1]})
shares = late_share(trips)
assert shares["a"] == 0.5 and shares["b"] == 1.0, f"expected a: 0.5 and b: 1.0, got {dict(shares)}"

# %% [markdown]
# `fit(features, target)`: a fitted `LinearRegression`.


# %% solution="fit"
def fit(features, target):
    ### BEGIN SOLUTION
    return LinearRegression().fit(features, target)
    ### END SOLUTION


# %% test="fitted" points=3
import numpy as np

random = np.random.default_rng(1)
features = random.normal(size=(50, 3))
model = fit(features, features @ [1.0, 2.0, 3.0] + 4.0)
assert np.allclose(model.predict(np.eye(3)), [5.0, 6.0, 7.0]), "the plane through these points is exact"

# %% [markdown]
# `total(n)`: the sum of 0 to n - 1, as a number, computed by Dask in chunks of 1,000.


# %% solution="total"
def total(n):
    ### BEGIN SOLUTION
    return int(da.arange(n, chunks=1_000).sum().compute())
    ### END SOLUTION


# %% test="totals" points=3
assert total(10_000) == 49_995_000, f"the sum of 0 to 9999 is 49995000, got {total(10_000)}"
