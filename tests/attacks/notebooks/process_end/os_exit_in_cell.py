# ---
# class: ending processes
# tries: "`os._exit(0)` in the first answer"
# success: any point, or a stalled class
# ---

# %% solution="total"
import os

os._exit(0)
