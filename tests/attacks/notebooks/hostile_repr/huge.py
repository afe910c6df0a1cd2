# ---
# class: hostile repr and protocols
# tries: a `__repr__` and an exception's `__str__` of 200 MB
# success: a grader without memory, a file of more than 64 MB
# ---

# %% solution="total"
class Huge(Exception):
    def __repr__(self):
        return "x" * 200_000_000

    __str__ = _repr_html_ = __repr__


def total(values):
    if values:
        return Huge()
    raise Huge()


# %%
Huge()
