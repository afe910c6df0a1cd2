# ---
# class: hostile notebook JSON
# tries: no metadata, no kernelspec, no format number
# success: a stalled class
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    notebook["metadata"] = None
    notebook.pop("nbformat"), notebook.pop("nbformat_minor")
