# ---
# class: network
# tries: sends UDP to the loopback and asks for names, by the resolver and by itself
# success: the listener is reached, or a name is resolved
# ---

# %% solution="total"
import socket

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
    one.sendto(b"@NAME@ was here", ("127.0.0.1", @UDP@))
socket.setdefaulttimeout(1)
try:
    print("PROOF", "@NAME@", "resolved " + socket.gethostbyname("example.org"), sep="::")
except OSError:
    pass
