# ---
# why: a frame with categories, another index, another dtype backend, and a Series as column names
# ---

# %% solution="frame"
per_hour = trips.pivot_table(index="hour", values="km", aggfunc="sum").reset_index()
per_hour.columns.name = None
per_hour.attrs["note"] = "kilometres"

# %% solution="number"
share = trips.loc[trips["hour"] == 17, "km"].sum() / trips["km"].sum()
longest = {7: "morning", 17: "afternoon", 23: "night"}[int(trips.loc[trips["km"].idxmax(), "hour"])]
