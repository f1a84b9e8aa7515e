"""The host's page: whether everything runs, and who keeps the light on. Counts only; nobody who lives here is named."""
