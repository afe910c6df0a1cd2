# ---
# class: hostile notebook JSON
# tries: lone surrogates and NUL characters in sources, ids and metadata
# success: a stalled class
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    import json

    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            cell["source"] = "x = '\ud800\udfff\x00'\n"
        cell["metadata"]["\udc00"] = "\ud800"
    notebook["metadata"]["title"] = "\ud800"
    return json.dumps(notebook, ensure_ascii=True).encode()
