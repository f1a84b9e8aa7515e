"""Whom letters can reach: whoever has an address that is proven, and not taken out again."""

from collections.abc import Iterable, Mapping

from django.utils.text import get_text_list

from lastwords.protocol.stages import GONE
from lastwords.protocol.watch import Watch
from lastwords.server.models import Channel

WHAT_TO_DO = "Ask them to sign in and prove one: it stands under “Account”, “Letters”."


def reached(handles: Iterable[str]) -> set[str]:
    """Those of these people whom a letter can reach."""
    proven = Channel.objects.filter(proven_at__isnull=False, leaves__isnull=True)
    return set(proven.filter(person_id__in=list(handles)).values_list("person_id", flat=True))


def keepers_out_of_reach(watch: Watch) -> list[str]:
    """The keepers and alternates whom no letter would find: when they are needed, nothing calls them. A plan that asks
    nobody misses none."""
    if watch.plan.timer_only:
        return []
    seated = [seat.keeper for seat in watch.seats if seat.stage not in GONE]
    there = reached(seated)
    return [keeper for keeper in seated if keeper not in there]


def warnings(watch: Watch, names: Mapping[str, str]) -> list[str]:
    """The same for the author to read, with what to do: one warning of all of them, or none."""
    missed = [names.get(keeper, keeper) for keeper in keepers_out_of_reach(watch)]
    if not missed:
        return []
    who = get_text_list(missed, "and")
    return [f"No letter can reach {who}: no address of theirs is proven. {WHAT_TO_DO}"]
