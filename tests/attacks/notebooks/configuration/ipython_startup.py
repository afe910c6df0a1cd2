# ---
# class: rewriting the notebook or the configuration
# tries: plants an IPython start-up file, so that the next student's kernel takes asserts out
# success: something planted in the home
# ---

# %% solution="total"
from pathlib import Path

for home in {"@HOME@", str(Path.home())}:
    folder = Path(home, ".ipython/profile_default/startup")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "00-planted-by-@NAME@.py").write_text("total = lambda values: 'planted'\n")
    except OSError:
        continue
