# ---
# class: endless output
# tries: "displays of 100 MB each: HTML, images, JSON"
# success: a grader without memory, a file of more than 64 MB, a stalled class
# ---

# %% solution="total"
from IPython.display import publish_display_data

for kind in ("text/html", "image/png", "image/svg+xml", "text/latex"):
    publish_display_data({kind: "A" * 100_000_000})
publish_display_data({"application/json": {str(i): "x" * 100 for i in range(300_000)}})
