"""Cluster: three nodes of PostgreSQL under Patroni, whose leader is killed, cut off and changed while hosts serve.

It needs Linux, root, and the packages that `scripts/setup cluster` installs; everything runs in namespaces of its own
and ends with this process.
"""

import argparse
import json
import shutil
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parent.parent / "tests"
sys.path.insert(0, str(TESTS))

from machines import network, nodes  # noqa: E402
from machines.campaign import AUTHORS, CASES, DUE, WITHIN, campaign  # noqa: E402

SHARE, LONG = 1, 1
"""Campaigns."""
PLANTED: dict[str, dict[str, Any]] = {
    "replication not synchronous": {"synchronous": False, "blows": ("cut off",)},
    "acknowledged before it is kept": {"planted": "early", "blows": ("cut off",)},
}
NEEDED = ("etcd", str(nodes.PATRONI), "unshare", "nsenter", "setpriv", "ip")
COVERS_NOT = [
    "A network that is slow, loses some packets or lets them through in one direction only: it is whole or cut.",
    "Machines: there are three namespaces on one, with one disk between them, and that disk does not fail.",
    "Two of three machines gone at once. Then nothing is acknowledged until a second one is back, as it is set.",
    "The sealed files: all hosts share one folder here, and what carries it over to other machines is the host's.",
    "A letter that a fallen host had taken is sent again after ten minutes; the wait is left out here.",
]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--state", type=Path)
    asked = parser.parse_args()
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing or not network.is_permitted():
        why = (
            f"{', '.join(missing)} missing: run scripts/setup cluster"
            if missing
            else "no namespaces: needs root"
        )
        print(json.dumps(result([], {}, asked.long, [f"It could not run ({why})."], 0.0)))
        return 1
    code = network.go_inside()
    if code is not None:
        return code
    network.lay()
    done: dict[str, Any] = {"campaigns": [], "planted": {}, "seconds": 0.0}
    if asked.state and asked.state.exists():
        done = json.loads(asked.state.read_text())
    for _ in range(len(done["campaigns"]), LONG if asked.long else SHARE):
        began = time.monotonic()
        done["campaigns"].append(asdict(campaign(say=say)))
        keep(asked.state, done, began)
        if done["campaigns"][-1]["judged"]["wrong"]:
            break
    for name, how in PLANTED.items() if asked.long else ():
        if name not in done["planted"]:
            say(f"with a planted fault: {name}")
            began = time.monotonic()
            done["planted"][name] = asdict(campaign(**how, say=say))["judged"]["lost"]
            keep(asked.state, done, began)
    wrong = [one for each in done["campaigns"] for one in each["judged"]["wrong"]]
    wrong += [
        f"{name}: nothing was found" for name, lost in done["planted"].items() if not any(lost.values())
    ]
    print(json.dumps(result(done["campaigns"], done["planted"], asked.long, wrong, done["seconds"])))
    return 0 if not wrong else 1


def say(text: str) -> None:
    print(f"cluster: {text}", file=sys.stderr, flush=True)


def keep(state: Path | None, done: dict[str, Any], began: float) -> None:
    done["seconds"] += time.monotonic() - began
    if state:
        state.write_text(json.dumps(done))


def result(
    campaigns: list[dict[str, Any]], planted: dict[str, Any], long: bool, wrong: list[str], seconds: float
) -> dict[str, Any]:
    return {
        "part": "cluster",
        "claim": "A database cluster that loses its leader, by a kill or a cut network, costs no acknowledged act.",
        "command": "make cluster",
        "figures": figures(campaigns) | {f"lost, planted: {name}": lost for name, lost in planted.items()},
        "held": not wrong,
        "wrong": wrong[:20],
        "not_covered": COVERS_NOT,
        "seconds": round(seconds, 1),
        "settings": {
            "long": long,
            "machines": len(network.MACHINES),
            "versions": {
                "PostgreSQL": version("postgres"),
                "Patroni": version(str(nodes.PATRONI)),
                "etcd": version("etcd"),
            },
            "Patroni's ttl, loop, retry (s)": [nodes.TTL, nodes.LOOP, nodes.RETRY],
            "replication": "synchronous, strict",
            "recovered within (s)": WITHIN,
            "watches": {"with signs of life": AUTHORS, "with statements": CASES, "due for release": DUE},
        },
    }


def figures(campaigns: list[dict[str, Any]]) -> dict[str, Any]:
    """What all campaigns came to, summed; and of each kind of blow the longest and the shortest pauses, in seconds."""
    judged = [one["judged"] for one in campaigns]

    def summed(what: str) -> int:
        return sum(one[what] for one in judged)

    kinds = sorted({kind for one in judged for kind in one["acknowledged"]})
    found: dict[str, Any] = {
        "campaigns": len(campaigns),
        "acknowledged": {kind: sum(one["acknowledged"][kind] for one in judged) for kind in kinds},
        "acknowledged and lost": sum(sum(one["lost"].values()) for one in judged),
        "answered with not certain": summed("unknown"),
        "of those kept": summed("unknown_and_kept"),
        "sent again": summed("sent_again"),
        "releases": summed("releases"),
        "releases doubled or missing": sum(
            "were released" in text for one in judged for text in one["wrong"]
        ),
        "letters": summed("letters"),
        "letters that came once more": summed("copies"),
        "credited (s)": sum(one["credit"] for one in campaigns),
        "lasted (s)": round(sum(one["lasted"] for one in campaigns)),
    }
    blows = [blow for one in campaigns for blow in one["blows"]]
    for name in dict.fromkeys(blow["name"] for blow in blows):
        for who in ("pauses", "plain"):
            all_of = sorted(s for blow in blows if blow["name"] == name for s in blow[who].values())
            by = "through a host" if who == "pauses" else "plain program"
            found[f"leader {name}: nothing acknowledged, {by} (s)"] = {"least": all_of[0], "most": all_of[-1]}
        again = [blow["rounds"] for blow in blows if blow["name"] == name]
        found[f"leader {name}: rounds made again after (s)"] = {"least": min(again), "most": max(again)}
    found["leaders whose clock was ten minutes off the last one's"] = sum(blow["jumped"] for blow in blows)
    found["nodes that had to be made anew"] = sum(bool(blow["made_anew"]) for blow in blows)
    return found


def version(name: str) -> str:
    """The first thing with a dot that a program says of its version."""
    path = shutil.which(name)
    if path is None:
        return "not here"
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    return next((word for word in said.split() if "." in word), "unknown")


if __name__ == "__main__":
    sys.exit(main())
