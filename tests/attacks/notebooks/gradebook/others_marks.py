# ---
# class: editing the gradebook
# tries: takes another student's marks away, and drops what it can
# success: another student's marks changed
# ---

# %% solution="total"
import sqlite3

base = sqlite3.connect("file:@COURSE@/gradebook.db?mode=rw", uri=True, timeout=3)
base.execute("update grade set auto_score = 0, manual_score = 0")
base.commit()
