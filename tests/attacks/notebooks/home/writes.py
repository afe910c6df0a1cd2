# ---
# class: home folder and credentials
# tries: adds to start files and keys in the home folder
# success: files of the home changed or planted
# ---

# %% solution="total"
import os
from pathlib import Path

for home in {"@HOME@", os.path.expanduser("~")}:
    for name in (".bashrc", ".profile", ".ssh/authorized_keys", ".config/autostart/x.desktop"):
        path = Path(home, name)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a") as file:
                file.write("# planted-by-@NAME@\n")
        except OSError:
            continue
