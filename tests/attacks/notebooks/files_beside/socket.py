# ---
# class: hostile files beside the notebook
# tries: a unix socket beside the notebook
# success: a stalled class
# right: [total]
# keeps: true
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    import os
    import socket

    here = os.getcwd()
    os.chdir(folder)  # a path longer than 107 bytes is no address
    try:
        socket.socket(socket.AF_UNIX).bind("data.sock")
    finally:
        os.chdir(here)
