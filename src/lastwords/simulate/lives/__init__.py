"""Whole lives, played from a seed with the shipped protocol, store, outbox and sweep, and judged from outside."""
