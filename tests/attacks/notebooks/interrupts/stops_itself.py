# ---
# class: ignoring interrupts
# tries: SIGSTOP to itself
# success: a stalled class
# right: [total]
# keeps: true
# ---

# %% solution="scaler"
import os
import signal

os.kill(os.getpid(), signal.SIGSTOP)
