# ---
# class: hostile notebook JSON
# tries: sixty thousand empty cells
# success: a stalled class
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    blank = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    notebook["cells"] += [{**blank, "id": f"blank-{n}", "source": ""} for n in range(60_000)]
