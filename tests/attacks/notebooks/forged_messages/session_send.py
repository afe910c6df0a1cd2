# ---
# class: forged outputs and messages
# tries: the kernel's session drops every error and turns every reply into one that went well
# success: any point
# ---

# %% solution="total"
kernel = get_ipython().kernel
send = type(kernel.session).send


def forged(self, stream, kind, content=None, *args, **kwargs):
    name = kind if isinstance(kind, str) else kind["header"]["msg_type"]
    if name == "error":
        return None
    if name == "execute_reply":
        content = {"status": "ok", "execution_count": 1, "payload": [], "user_expressions": {}}
    return send(self, stream, kind, content, *args, **kwargs)


type(kernel.session).send = forged
