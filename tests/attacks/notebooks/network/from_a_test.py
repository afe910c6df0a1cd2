# ---
# class: network
# tries: reaches out when a test calls, through a process of its own and through urllib
# success: the listener is reached
# dangerous: true
# ---

# %% solution="total"
import subprocess
import sys
import urllib.request


def total(values):
    code = "import socket; socket.create_connection(('127.0.0.1', @TCP@), 1).sendall(b'@NAME@ was here')"
    subprocess.run([sys.executable, "-c", code], check=False, stderr=subprocess.DEVNULL)
    try:
        urllib.request.urlopen("http://127.0.0.1:@TCP@/@NAME@", timeout=1)
    except OSError:
        pass
    return 0
