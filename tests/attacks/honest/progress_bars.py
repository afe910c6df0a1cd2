# ---
# why: shows progress bars, in text and in the notebook's own form
# ---

# %% solution="total"
import time

from tqdm import tqdm


def total(values):
    return sum(value * value for value in tqdm(values))


# %%
for _ in tqdm(range(50)):
    time.sleep(0.005)
