# ---
# why: prints thousands of lines and shows large frames, all of it in good faith
# ---

# %% solution="frame"
from IPython.display import display

per_hour = trips.groupby("hour", as_index=False)["km"].sum()
for number in range(3000):
    print("row", number)
display(pd.DataFrame(np.arange(4000).reshape(-1, 4)))
for _ in range(20):
    display(per_hour)
