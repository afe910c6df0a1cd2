# ---
# class: hostile repr and protocols
# tries: every special method raises, among them `__repr__`, `__str__`, `__bool__`, `__class__` and `__del__`
# success: any point or harm
# ---

# %% solution="total"
class Thorn:
    def _raise(self, *args, **kwargs):
        raise RecursionError("thorn")

    __repr__ = __str__ = __bool__ = __len__ = __iter__ = __eq__ = __ne__ = __format__ = _raise
    __getattr__ = __call__ = __del__ = __array__ = __float__ = __int__ = __index__ = __sub__ = __rsub__ = _raise
    __dir__ = __sizeof__ = __getitem__ = __contains__ = __abs__ = __lt__ = __le__ = __ge__ = _raise
    __hash__ = object.__hash__


def total(values):
    return Thorn()


Thorn()

# %% solution="number"
share = longest = Thorn()
