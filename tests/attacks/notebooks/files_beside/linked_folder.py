# ---
# class: hostile files beside the notebook
# tries: "links to whole folders: the course, the root, and itself"
# success: a stalled class, or secrets told
# ---

# %% solution="total"
import glob

for path in glob.glob("course/**/*.ipynb", recursive=True):
    print(open(path).read()[:30000])

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    (folder / "course").symlink_to("@COURSE@")
    (folder / "again").symlink_to(".")
    (folder / "loop").symlink_to("loop")
