# ---
# class: ignoring interrupts
# tries: blocks in C with Python's lock held
# success: a stalled class, or marks of the answers before it lost
# right: [total]
# keeps: true
# ---

# %% solution="scaler"
import collections
import itertools

collections.deque(itertools.count(), maxlen=0)
