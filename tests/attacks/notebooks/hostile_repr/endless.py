# ---
# class: hostile repr and protocols
# tries: "`__repr__`, `_repr_html_`, `__iter__`, `__len__` and `__format__` without end"
# success: a stalled class
# right: [frame]
# ---

# %% solution="total"
import itertools


class Endless:
    def _loop(self, *args):
        for _ in itertools.count():
            pass

    __repr__ = __str__ = __format__ = _repr_html_ = __eq__ = _repr_mimebundle_ = _loop
    __hash__ = object.__hash__

    def __iter__(self):
        return itertools.count()

    def __len__(self):
        return 2**62


def total(values):
    return Endless()


# %% solution="scaler"
class Scaler:
    def fit(self, X):
        self.mean_ = Endless()
        return self

    def transform(self, X):
        return itertools.count()


# %%
Endless()
