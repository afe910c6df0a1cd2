# ---
# class: hostile files beside the notebook
# tries: a time of submission that is a secret file by link, and no time
# success: a stalled class, or credentials told
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    (folder / "timestamp.txt").symlink_to("@HOME@/.netrc")
