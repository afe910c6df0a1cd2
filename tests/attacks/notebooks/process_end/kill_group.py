# ---
# class: ending processes
# tries: SIGKILL to its process group
# success: the next student's marks are lost
# dangerous: true
# ---

# %% solution="total"
import os
import signal

os.killpg(os.getpgid(0), signal.SIGKILL)
