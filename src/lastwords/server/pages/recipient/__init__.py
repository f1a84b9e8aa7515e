"""Pages of somebody for whom there are words, from being told to reading. Before that there is no such page."""
