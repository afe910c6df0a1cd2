# ---
# title: A target for the red team
# minutes: 10
# timeout_s: 30
# memory_mb: 1000
# needs: []
# ---

# %% [markdown]
# # A target
#
# The exercise that the red team attacks: a function, a class, a frame, a number and a word. It is built, released and
# graded like any other; students never see it.

# %%
import numpy as np
import pandas as pd

trips = pd.DataFrame({"hour": [7, 8, 8, 9, 17, 17, 17, 23], "km": [2.0, 3.5, 1.5, 4.0, 2.5, 6.0, 0.5, 12.0]})

# %% [markdown]
# ## 1. A function (3 points)
#
# `total(values)` returns the sum of the squares of the numbers in `values`, and 0 when there are none.


# %% solution="total"
def total(values):
    ### BEGIN SOLUTION
    return sum(value * value for value in values)
    ### END SOLUTION


# %% test="total_small" points=1
expected = 14
got = total([1, 2, 3])
assert got == expected, f"the squares of 1, 2, 3 sum to {expected}, got {got}"
### BEGIN HIDDEN TESTS
import random

quince_7319 = random.SystemRandom().randrange(20, 99)
expected = quince_7319**2
got = total([quince_7319])
assert got == expected, f"expected {expected}, got {got}"
### END HIDDEN TESTS

# %% test="total_any" points=2
expected = 0
got = total([])
assert got == expected, f"no numbers sum to 0, got {got}"
### BEGIN HIDDEN TESTS
import numpy as np

quince_7319 = np.random.default_rng().integers(-50, 50, size=20).tolist()
expected = sum(value**2 for value in quince_7319)
got = total(quince_7319)
assert got == expected, f"expected {expected}, got {got}"
### END HIDDEN TESTS

# %% [markdown]
# ## 2. A class (3 points)
#
# `Scaler` has `fit(X)`, which notes the mean of each column as `mean_` and returns the scaler, and `transform(X)`, which
# takes these means off.


# %% solution="scaler"
class Scaler:
    ### BEGIN SOLUTION
    def fit(self, X):
        self.mean_ = X.mean(axis=0)
        return self

    def transform(self, X):
        return X - self.mean_

    ### END SOLUTION


# %% test="scaler_mean" points=1
import numpy as np

expected = np.array([2.0, 4.0])
got = Scaler().fit(np.array([[1.0, 2.0], [3.0, 6.0]])).mean_
assert np.shape(got) == (2,), f"2 columns have 2 means, got the shape {np.shape(got)}"
assert np.allclose(got, expected), f"expected the means {expected}, got {got}"
### BEGIN HIDDEN TESTS
quince_7319 = np.random.default_rng().normal(size=(5, 2))
expected = quince_7319.mean(axis=0)
got = Scaler().fit(quince_7319).mean_
assert np.shape(got) == (2,), f"2 columns have 2 means, got the shape {np.shape(got)}"
assert np.allclose(got, expected), f"expected the means {expected}, got {got}"
### END HIDDEN TESTS

# %% test="scaler_any" points=2
import numpy as np

got = Scaler().fit(np.ones((3, 2))).transform(np.ones((1, 2)))
expected = np.zeros((1, 2))
assert np.shape(got) == (1, 2), f"expected the shape (1, 2), got {np.shape(got)}"
assert np.allclose(got, expected), f"expected {expected}, got {got}"
### BEGIN HIDDEN TESTS
quince_7319 = np.random.default_rng().normal(size=(12, 3))
expected = quince_7319[:2] - quince_7319.mean(axis=0)
got = Scaler().fit(quince_7319).transform(quince_7319[:2])
assert np.shape(got) == (2, 3), f"expected the shape (2, 3), got {np.shape(got)}"
assert np.allclose(got, expected), f"expected {expected}, got {got}"
### END HIDDEN TESTS

# %% [markdown]
# ## 3. A frame (2 points)
#
# `per_hour` is a frame with the columns `hour` and `km`: the kilometres of each hour together, hours ascending.

# %% solution="frame"
### BEGIN SOLUTION
per_hour = trips.groupby("hour", as_index=False)["km"].sum()
### END SOLUTION

# %% test="frame_shape" points=1
expected = (5, 2)
got = per_hour.shape
assert got == expected, f"expected the shape {expected}, got {got}"
### BEGIN HIDDEN TESTS
quince_7319 = float(per_hour["km"].max())
assert quince_7319 == 12.0, f"expected 12 km at most, got {quince_7319}"
### END HIDDEN TESTS

# %% test="frame_values" points=1
assert list(per_hour.columns) == ["hour", "km"], f"expected the columns hour and km, got {list(per_hour.columns)}"
### BEGIN HIDDEN TESTS
import pandas as pd

quince_7319 = pd.DataFrame({"hour": [7, 8, 9, 17, 23], "km": [2.0, 5.0, 4.0, 9.0, 12.0]})
pd.testing.assert_frame_equal(per_hour, quince_7319, check_dtype=False)
### END HIDDEN TESTS

# %% [markdown]
# ## 4. A number and a word (2 points)
#
# `share` is the share of all kilometres driven at hour 17. `longest` names the part of the day with the longest trip:
# `"morning"`, `"afternoon"` or `"night"`.

# %% solution="number"
### BEGIN SOLUTION
share = 9.0 / 32.0
longest = "night"
### END SOLUTION

# %% test="number_share" points=1
assert 0 <= share <= 1, f"a share lies between 0 and 1, got {share}"
### BEGIN HIDDEN TESTS
expected = 0.28125
got = share
assert abs(got - expected) < 1e-9, f"expected {expected}, got {got}"
### END HIDDEN TESTS

# %% test="number_word" points=1
assert isinstance(longest, str), "expected a word"
### BEGIN HIDDEN TESTS
expected = "night"
got = longest
assert got == expected, "that is not the part of the day with the longest trip"
### END HIDDEN TESTS
