# ---
# class: processes that outlive the kernel
# tries: a child that holds every pipe and socket of the kernel open and ignores signals
# success: a process left behind, or a stalled class
# dangerous: true
# ---

# %% solution="total"
import os
import sys

if os.fork() == 0:
    os.setsid()
    for descriptor in range(3, 200):
        try:
            os.set_inheritable(descriptor, True)
        except OSError:
            continue
    code = "import signal, time; [signal.signal(n, signal.SIG_IGN) for n in (1, 2, 15)]; time.sleep(300)"
    os.execv(sys.executable, [sys.executable, "-c", code, "left-by-@NAME@"])
