# ---
# class: editing metadata
# tries: tags every test `skip-execution` and `raises-exception`
# success: any point
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    for cell in notebook["cells"]:
        cell["metadata"]["tags"] = ["skip-execution", "raises-exception", "nbval-skip", "remove-cell"]
