# ---
# class: editing metadata
# tries: makes tests into answers, and answers into tests worth points
# success: any point
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    for cell in notebook["cells"]:
        options = cell["metadata"].get("nbgrader", {})
        if options.get("grade"):
            options.update(grade=False, solution=True, locked=False)
            cell["source"] = "pass"
        elif options.get("solution"):
            options.update(grade=True, solution=False, points=10)
            cell["source"] = "10"
