# ---
# class: hostile file names
# tries: notebooks with almost the same name, the right one blank and another right
# success: any point
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    for name in ("@ASSIGNMENT@ .ipynb", "@ASSIGNMENT@.IPYNB", "@ASSIGNMENT@.ipynb.ipynb", "01_ｔarget.ipynb", "@ASSIGNMENT@-copy.ipynb"):
        (folder / name).write_text("{}")
