# ---
# class: Unicode and encodings
# tries: sources with an encoding cookie, a byte order mark, form feeds, NUL and bidirectional marks
# success: any point, or a stalled class
# ---

# %% solution="total"
# -*- coding: rot13 -*-
cevag("uv")

# %% solution="number"
share = 0.4
longest = "morning"  # 0

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    for cell in notebook["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if name == "number":
            cell["source"] = "\ufeff" + cell["source"] + "\u202e\u2066 ylno tnemmoc\u2069\x0c\x0b\u2028\u0085\n"
        if name == "scaler":
            cell["source"] = "Scaler = 1\x00\n"
