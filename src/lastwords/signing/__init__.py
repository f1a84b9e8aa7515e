"""Signing: what people vouch for, in bytes that everybody spells alike. Imports nothing of ours, holds no encryption.

The server checks manifests, statements, check-ins and receipts through this room alone; it never sees a key that
opens anything.
"""
