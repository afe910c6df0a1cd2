# ---
# class: ending processes
# tries: hooks at exit and threads that never end, so that the kernel cannot be shut down
# success: a stalled class, a process left behind
# ---

# %% solution="total"
import atexit
import signal
import threading
import time


def hang(*args):
    while True:
        time.sleep(1)


atexit.register(hang)
threading._register_atexit(hang)
threading.Thread(target=hang).start()
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
    signal.signal(number, hang if number != signal.SIGINT else signal.SIG_IGN)
