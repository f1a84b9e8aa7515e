"""An author's pages: home, the check-in, trips, and what would happen if they vanished today."""
