# ---
# why: an instance with `__call__` where a function is asked for, dataclasses and properties
# ---

# %% solution="total"
from dataclasses import dataclass, field


@dataclass
class Power:
    exponent: int = 2
    calls: list = field(default_factory=list)

    def __call__(self, values):
        self.calls.append(len(values))
        return sum(value**self.exponent for value in values)


total = Power()

# %% solution="scaler"
class Scaler:
    @property
    def mean_(self):
        return self._sum / self._n_rows

    def fit(self, X):
        self._sum, self._n_rows = X.sum(axis=0), len(X)
        return self

    def transform(self, X):
        return X - self.mean_
