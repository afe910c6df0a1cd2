# ---
# class: duplicated, deleted and converted cells
# tries: answers and added cells that open a string or a cell magic, which would swallow the test behind them
# success: any point
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    texts = {"total": 'total = """', "scaler": "%%script false --no-raise-error", "frame": "%%capture\n", "number": "if False:\\"}
    for cell in notebook["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if name in texts:
            cell["source"] = texts[name]
