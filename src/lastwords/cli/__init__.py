"""What people type: one file per thing a person does, over a home folder (`home`) and the host's API (`client`).

The client holds the person's key, seals and opens on this machine, and sends the host only what it may know. No rule
of the protocol stands here: what may happen is the host's machine's to say, and its refusals are shown as they come.
"""
