# ---
# why: takes its time, within the limits
# ---

# %% solution="total"
import time


def total(values):
    time.sleep(0.3)
    return sum(value * value for value in values)


# %% solution="frame"
time.sleep(1.5)
per_hour = trips.groupby("hour", as_index=False)["km"].sum()
