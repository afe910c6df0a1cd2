# ---
# class: rewriting the notebook or the configuration
# tries: plants usercustomize, a .pth file and a module in the user's site-packages, run by every later Python
# success: something planted in the home
# ---

# %% solution="total"
import site
import sys
from pathlib import Path

places = [Path("@HOME@/.local/lib/python3.11/site-packages"), Path(site.getusersitepackages())]
for folder in places:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("usercustomize.py", "sitecustomize.py", "redteam.pth"):
            (folder / name).write_text("# planted-by-@NAME@\n")
    except OSError:
        continue
