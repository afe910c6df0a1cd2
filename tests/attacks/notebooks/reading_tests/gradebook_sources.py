# ---
# class: reading tests from disk, memory and processes
# tries: reads the tests and other students' rows out of the gradebook
# success: hidden tests or the gradebook told
# ---

# %% solution="total"
import sqlite3

base = sqlite3.connect("file:@COURSE@/gradebook.db?mode=ro", uri=True)
for (table,) in base.execute("select name from sqlite_master where type='table'").fetchall():
    print(table, base.execute(f"select * from {table}").fetchall())
