"""That from every state of a whole space the keepers come to a release by themselves, asked in two files."""

from collections.abc import Callable

from lastwords.protocol.stages import TrackStage
from lastwords.simulate.canonical import State
from lastwords.simulate.explore import Graph
from lastwords.simulate.paths import FAR, distances
from lastwords.simulate.world import AUTHOR, World


def is_released(key: str) -> Callable[[State], bool]:
    def released(state: State) -> bool:
        return any(track.key == key and track.stage is TrackStage.RELEASED for track in state.watch.tracks)

    return released


def keepers_find_a_way(world: World, graph: Graph, key: str) -> None:
    """Without the author, from wherever they are."""
    far = distances(world, graph, is_released(key), without=AUTHOR)
    assert far.count(FAR) == 0
    # The shortest way begins with a missed date (2 units) or, where somebody may raise one, with an alarm.
    least = world.start.plan.least
    assert far[0] in (least, least + world.start.plan.check_in_every)
