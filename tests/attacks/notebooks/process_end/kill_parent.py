# ---
# class: ending processes
# tries: SIGKILL to its parent
# success: the next student's marks are lost
# dangerous: true
# ---

# %% solution="total"
import os
import signal

if os.getppid() > 1:
    os.kill(os.getppid(), signal.SIGKILL)
