# ---
# why: draws with matplotlib and shows the figures
# ---

# %% solution="frame"
import matplotlib.pyplot as plt

per_hour = trips.groupby("hour", as_index=False)["km"].sum()
figure, axes = plt.subplots()
axes.bar(per_hour["hour"], per_hour["km"])
plt.show()

# %%
per_hour.plot(x="hour", y="km")
