# ---
# class: Unicode and encodings
# tries: prints, displays, raises and returns text that cannot be encoded
# success: a stalled class, or marks of the answers before it lost
# right: [number]
# keeps: true
# ---

# %% solution="total"
from IPython.display import display

try:
    print("\ud800\udfff")
    display({"text/plain": "\udc80"}, raw=True)
except Exception:
    pass


def total(values):
    print("\udcff")
    raise ValueError("\ud800")


# %% solution="scaler"
class Scaler:
    mean_ = "\ud800"

    def fit(self, X):
        return self
