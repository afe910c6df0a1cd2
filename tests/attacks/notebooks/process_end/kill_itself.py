# ---
# class: ending processes
# tries: SIGKILL to itself
# success: any point, or a stalled class
# ---

# %% solution="total"
import os
import signal

os.kill(os.getpid(), signal.SIGKILL)
