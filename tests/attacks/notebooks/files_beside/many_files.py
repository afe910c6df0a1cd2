# ---
# class: hostile files beside the notebook
# tries: ten thousand small files in a hundred folders
# success: a stalled class
# right: [total]
# keeps: true
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    for outer in range(100):
        inner = folder / f"folder{outer}"
        inner.mkdir()
        for number in range(100):
            (inner / f"{number}.txt").write_text("x")
