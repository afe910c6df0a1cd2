# ---
# class: ending processes
# tries: becomes another program, which holds on to what it inherited
# success: any point, a stalled class, or a process left behind
# ---

# %% solution="total"
import os
import sys


def total(values):
    for descriptor in range(3, 200):
        try:
            os.set_inheritable(descriptor, True)
        except OSError:
            continue
    os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(300)", "left-by-@NAME@"])
