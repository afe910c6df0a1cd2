# ---
# class: ignoring interrupts
# tries: many added cells that each sleep a little less than a cell may, without end in sum
# success: a stalled class
# ---

# %% solution="total"
import time

time.sleep(3.5)

# %%
time.sleep(3.5)

# %%
time.sleep(3.5)

# %%
time.sleep(3.5)

# %%
time.sleep(3.5)

# %%
time.sleep(3.5)

# %%
time.sleep(3.5)

# %%
time.sleep(3.5)

# %%
time.sleep(3.5)

# %%
time.sleep(3.5)

# %%
time.sleep(3.5)

# %%
time.sleep(3.5)
