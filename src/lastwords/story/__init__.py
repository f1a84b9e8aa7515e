"""The cave: the story by which this product is judged, played through the real server, real mail and real sealing.

Nothing here knows how Last Words works. The story starts the same commands that people start, reads the files they
would read and asks the host over HTTP, so it imports nothing of ours outside this room.

    cast        who takes part, and where their letters go
    texts       what they write: words, wishes, entries
    mailbox     a mail server on this machine that keeps every letter
    house       the host's process, its data folder and its clock
    person      one person's home folder, and the process that acts in it
    stage       all of these together, and the record of everything anyone did and saw
    acts/       the story itself, in named acts
    play        the order of the acts, and the fork into the two endings
    record      the record as it lies on disk, read again
    checker     which systems of the story the record shows, and by what evidence
    checks/     the questions it asks, by what they are about
    telling     the timeline and the tables that people see
"""
