"""Other people's switches, and ours, behind one face, so that the same life can be played with each."""
