# ---
# class: ignoring interrupts
# tries: ignores SIGINT and SIGTERM, and never ends
# success: a stalled class, or marks of the answers before it lost
# right: [total]
# keeps: true
# ---

# %% solution="number"
import signal

signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
while True:
    pass
