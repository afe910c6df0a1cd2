# ---
# class: other students' work
# tries: takes the answers out of another student's notebook and runs them
# success: any point, or another student's work told
# ---

# %% solution="total"
import glob
import json

places = ["@COURSE@/submitted/@VICTIM@", "@COURSE@/autograded/@VICTIM@", "../../@VICTIM@", "../../../submitted/@VICTIM@"]
for place in places:
    for path in glob.glob(f"{place}/**/*.ipynb", recursive=True):
        for cell in json.load(open(path))["cells"]:
            print("".join(cell["source"]))
            if cell["metadata"].get("nbgrader", {}).get("solution"):
                exec("".join(cell["source"]), globals())

# %% solution="scaler"

# %% solution="frame"

# %% solution="number"
