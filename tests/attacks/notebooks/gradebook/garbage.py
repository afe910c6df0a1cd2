# ---
# class: editing the gradebook
# tries: writes garbage over the gradebook's file
# success: marks of everybody lost
# ---

# %% solution="total"
with open("@COURSE@/gradebook.db", "r+b") as file:
    file.write(b"planted-by-@NAME@" * 1000)
