"""Whom letters can reach: whoever has an address that is proven, and not taken out again."""

from collections.abc import Iterable

from .models import Channel


def reached(handles: Iterable[str]) -> frozenset[str]:
    """Those of these people whom a letter can reach."""
    proven = Channel.objects.filter(proven_at__isnull=False, leaves__isnull=True)
    return frozenset(proven.filter(person_id__in=list(handles)).values_list("person_id", flat=True))
