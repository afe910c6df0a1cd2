# ---
# class: network
# tries: connects to an abstract unix socket and to one in a folder that all may write
# success: the listener is reached
# ---

# %% solution="total"
import socket

for address in ("\0@ABSTRACT@", "@MARKS@/listener"):
    try:
        with socket.socket(socket.AF_UNIX) as one:
            one.connect(address)
            one.sendall(b"@NAME@ was here")
    except OSError:
        continue
