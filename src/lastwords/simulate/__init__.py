"""Searches and simulations that run the shipped machine. Nothing here is part of a running service."""
