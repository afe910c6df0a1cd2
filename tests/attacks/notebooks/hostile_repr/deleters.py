# ---
# class: hostile repr and protocols
# tries: "`__del__` and weak references that act when values are let go: they wait, print and change marks of names"
# success: any point, or a stalled class
# ---

# %% solution="total"
import time
import weakref


class Late:
    def __del__(self):
        try:
            get_ipython().user_ns["total"] = lambda values: sum(v * v for v in values) * 0
            time.sleep(1)
        except Exception:
            pass


def total(values):
    late = Late()
    late.own = late
    weakref.finalize(late, print, "3 points")
    return late
