# ---
# class: ending processes
# tries: SIGSTOP to its parent, which then waits for ever
# success: a stalled class
# dangerous: true
# ---

# %% solution="total"
import os
import signal

if os.getppid() > 1:
    os.kill(os.getppid(), signal.SIGSTOP)
