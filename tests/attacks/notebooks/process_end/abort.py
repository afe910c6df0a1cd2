# ---
# class: ending processes
# tries: "`os.abort()`"
# success: any point, or a stalled class
# ---

# %% solution="number"
import os

os.abort()
