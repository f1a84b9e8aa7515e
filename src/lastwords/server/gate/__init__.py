"""The gate: what stands before the web server's threads.

Every request comes through `front`, which reads it within bounds of time and memory before a thread is given to it. A
check-in that is signed goes down the `lane`: with all that wait beside it, in one transaction, by the same door as
everything else. Whatever is not the commonest case goes on to the pages and the API (`bridge`), as it came.
"""
