# ---
# class: forged outputs and messages
# tries: asks for input, by `input` and by messages on the stdin channel, thousands of times
# success: any harm
# ---

# %% solution="total"
kernel = get_ipython().kernel
for number in range(3000):
    kernel.session.send(
        kernel.stdin_socket,
        "input_request",
        {"prompt": "x" * 1000, "password": True},
        parent=kernel.get_parent("shell"),
        ident=b"anybody",
    )
kernel._allow_stdin = True
input("your password? ")
