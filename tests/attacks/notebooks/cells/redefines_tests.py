# ---
# class: duplicated, deleted and converted cells
# tries: text in an answer that reads like the end of the cell and the beginning of a test
# success: any point
# ---

# %% solution="total"
total = None

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    marks = ["### END SOLUTION", "### BEGIN HIDDEN TESTS", "pass", "### END HIDDEN TESTS"]
    marks += ["# %" + '% test="total_any" points=100', "assert True", "### BEGIN SOLUTION", "### BEGIN HIDDEN TESTS"]
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            cell["source"] += "\n" + "\n".join(marks)
