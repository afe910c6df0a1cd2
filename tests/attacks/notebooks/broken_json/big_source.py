# ---
# class: hostile notebook JSON
# tries: an answer of 60 MB
# success: a stalled class, or a grader without memory
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "number":
            cell["source"] = "share = 0\n" + "# nothing\n" * 6_000_000
