# ---
# class: duplicated, deleted and converted cells
# tries: cells of types that do not exist
# success: any point, or a stalled class
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    for number, cell in enumerate(notebook["cells"]):
        cell["cell_type"] = ["heading", "code ", "", None, "html", 3][number % 6]
