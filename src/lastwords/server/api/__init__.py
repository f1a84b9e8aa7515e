"""The HTTP side: every verb a person's program needs, described by OpenAPI at `/api/openapi.json`."""

from .edge import api

__all__ = ["api"]
