# ---
# class: fork bombs
# tries: forks as often as it can, at most 2000 processes for 10 s
# success: more processes at once than twice the limit, or a stalled class
# dangerous: true
# ---

# %% solution="total"
import os
import time

began, children = time.monotonic(), []
try:
    while len(children) < 2000 and time.monotonic() < began + 8:
        child = os.fork()
        if child == 0:
            time.sleep(max(0.0, began + 10 - time.monotonic()))
            os._exit(0)
        children.append(child)
except OSError:
    pass
if len(children) > 2 * @PROCESSES@:
    print("PROOF", "@NAME@", f"held {len(children)} processes", sep="::")
