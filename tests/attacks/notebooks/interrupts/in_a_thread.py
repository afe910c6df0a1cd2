# ---
# class: ignoring interrupts
# tries: hands a call by a test to a thread that never ends and waits for it without end, interrupts caught
# success: a stalled class
# right: [frame]
# ---

# %% solution="total"
import threading
import time


def forever():
    while True:
        time.sleep(1)


def total(values):
    thread = threading.Thread(target=forever)
    thread.start()
    while True:
        try:
            thread.join()
        except BaseException:
            continue
