# ---
# class: processes that outlive the kernel
# tries: a daemon by double fork, in a session of its own
# success: a process left behind
# dangerous: true
# ---

# %% solution="total"
import os
import sys

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(300)", "left-by-@NAME@"])
    os._exit(0)
