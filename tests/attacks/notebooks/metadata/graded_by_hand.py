# ---
# class: editing metadata
# tries: makes tests into cells that a person grades, with task and solution set, as if their points were given
# success: any point
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    for cell in notebook["cells"]:
        options = cell["metadata"].get("nbgrader", {})
        if options.get("grade"):
            options.update(solution=True, task=True, locked=False, score=options["points"], manual_score=options["points"])
