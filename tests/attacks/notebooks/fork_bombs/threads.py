# ---
# class: fork bombs
# tries: starts as many threads as it can, at most 4000 for 10 s
# success: more threads at once than four times the limit of processes, or a stalled class
# dangerous: true
# ---

# %% solution="total"
import threading
import time

began, n_threads = time.monotonic(), 0
threading.stack_size(2**16)
try:
    while n_threads < 4000 and time.monotonic() < began + 3:
        threading.Thread(target=time.sleep, args=(10,), daemon=True).start()
        n_threads += 1
except (RuntimeError, MemoryError):
    pass
if n_threads > 4 * @PROCESSES@:
    print("PROOF", "@NAME@", f"held {n_threads} threads", sep="::")
