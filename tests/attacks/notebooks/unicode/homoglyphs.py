# ---
# class: Unicode and encodings
# tries: ids and names that look the same and are not, or are not and become the same when normalised
# success: any point, or a stalled class
# ---

# %% solution="total"
ｔotal = lambda values: 0
аssert_ = True

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    for cell in notebook["cells"]:
        options = cell["metadata"].get("nbgrader", {})
        if options.get("grade"):
            options["grade_id"] = options["grade_id"].replace("a", "а").replace("t", "ｔ")
