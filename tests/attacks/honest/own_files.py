# ---
# why: writes files in its folder, its home and /tmp and reads them again
# ---

# %% solution="frame"
import tempfile
from pathlib import Path

trips.groupby("hour", as_index=False)["km"].sum().to_csv("per_hour.csv", index=False)
per_hour = pd.read_csv("per_hour.csv")
Path.home().joinpath("notes.txt").write_text("mine")
with tempfile.TemporaryDirectory() as folder:
    trips.to_parquet(f"{folder}/trips.parquet")
    assert len(pd.read_parquet(f"{folder}/trips.parquet")) == len(trips)
