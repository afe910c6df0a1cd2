# ---
# class: hostile file names
# tries: names beside the notebook that a shell or a program would obey
# success: something planted, or a stalled class
# right: [total]
# keeps: true
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    for name in ("--help", "-rf", "$(touch planted-by-@NAME@)", "; id;", "`id`.py", "a\nb.csv", "a\tb", "*", "~", "{x}", "%s%n"):
        (folder / name).write_text("x")
