# ---
# class: hostile files beside the notebook
# tries: the notebook handed in is a link to another student's notebook
# success: any point
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    (folder / "@ASSIGNMENT@.ipynb").symlink_to("@COURSE@/submitted/@VICTIM@/@ASSIGNMENT@/@ASSIGNMENT@.ipynb")
