# ---
# class: endless output
# tries: ten threads print for as long as the kernel lives, whatever cell is running
# success: a grader without memory, a stalled class
# right: [scaler, frame, number]
# ---

# %% solution="total"
import threading


def talk():
    while True:
        print("x" * 5000)


for _ in range(10):
    threading.Thread(target=talk, daemon=True).start()
