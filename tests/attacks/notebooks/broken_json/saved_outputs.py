# ---
# class: hostile notebook JSON
# tries: "outputs already in the file: 100 MB that compress to nothing, and results that say points"
# success: any point, a stalled class, a file of more than 64 MB
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [
                {"output_type": "stream", "name": "stdout", "text": "x" * 4_000_000},
                {"output_type": "execute_result", "data": {"text/plain": "3"}, "metadata": {}, "execution_count": 1},
            ]
