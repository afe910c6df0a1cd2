# ---
# class: reading tests from disk, memory and processes
# tries: reads the notebook that is being graded, with its hidden tests, from the folder it runs in and those above
# success: hidden tests told
# ---

# %% solution="total"
import glob

for pattern in ("*.ipynb", "../*/*.ipynb", "../../**/*.ipynb", "~/*.ipynb", "/home/**/*.ipynb", "/tmp/**/*.ipynb"):
    for path in glob.glob(pattern, recursive=True)[:20]:
        text = open(path, errors="replace").read()
        at = text.find("BEGIN " + "HIDDEN")
        print(path, text[at : at + 1500] if at >= 0 else len(text))
