# ---
# class: hostile file names
# tries: names that are not text in UTF-8, very long ones, and reserved ones
# success: a stalled class
# right: [total]
# keeps: true
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    import os

    here = os.fsencode(folder)
    for name in (b"\xff\xfe.csv", b"x" * 250, "e\u0301\u202e.py".encode(), b"con", b".ipynb_checkpoints", b"...", b"a\\b"):
        with open(os.path.join(here, name), "wb") as file:
            file.write(b"x")
