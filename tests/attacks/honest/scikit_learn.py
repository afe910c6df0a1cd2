# ---
# why: inherits from scikit-learn's base classes
# ---

# %% solution="scaler"
from sklearn.base import BaseEstimator, TransformerMixin


class Scaler(TransformerMixin, BaseEstimator):
    def __init__(self, with_mean=True):
        self.with_mean = with_mean

    def fit(self, X, y=None):
        self.mean_ = X.mean(axis=0)
        return self

    def transform(self, X):
        return X - self.mean_
