# ---
# class: ignoring interrupts
# tries: catches KeyboardInterrupt, again and again
# success: a stalled class, or marks of the answers before it lost
# right: [total]
# keeps: true
# ---

# %% solution="scaler"
while True:
    try:
        while True:
            pass
    except BaseException:
        continue
