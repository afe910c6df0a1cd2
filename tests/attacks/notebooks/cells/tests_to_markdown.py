# ---
# class: duplicated, deleted and converted cells
# tries: turns every test into Markdown, with an attachment, so that it does not run
# success: any point
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade"):
            cell["cell_type"] = "markdown"
            cell.pop("outputs", None), cell.pop("execution_count", None)
            cell["attachments"] = {"x.png": {"image/png": "A" * 1000}}
