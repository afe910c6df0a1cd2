# ---
# class: ignoring interrupts
# tries: blocks all signals in its mask and computes a number that takes for ever
# success: a stalled class, or marks of the answers before it lost
# right: [total]
# keeps: true
# ---

# %% solution="scaler"
import signal

signal.pthread_sigmask(signal.SIG_SETMASK, range(1, 65))
3 ** (10**11)
