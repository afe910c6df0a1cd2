# ---
# why: functions in cells that the student added before, between and after the answers
# ---

# %%
from functools import lru_cache, partial


def square(value):
    return value * value


# %% solution="total"
def total(values):
    return helper(values)


# %%
def helper(values):
    return sum(map(square, values))


# %% solution="scaler"
class Base:
    def fit(self, X):
        self.mean_ = column_means(X)
        return self


class Scaler(Base):
    def transform(self, X):
        return X - self.mean_


# %%
column_means = partial(lambda X, axis: X.mean(axis=axis), axis=0)
