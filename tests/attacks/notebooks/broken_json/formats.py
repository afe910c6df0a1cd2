# ---
# class: hostile notebook JSON
# tries: format 3 with worksheets, and minor version 99
# success: any point, or a stalled class
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    import json

    old = {"metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": [], "metadata": {}}]}
    for cell in notebook["cells"]:
        old["worksheets"][0]["cells"].append({**cell, "input": cell["source"], "language": "python"})
    return json.dumps(old).encode()
