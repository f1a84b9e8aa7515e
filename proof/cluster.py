"""Cluster: three nodes of PostgreSQL under Patroni, whose leader is killed, cut off and changed while hosts serve.

It needs Linux, root, and the packages that `scripts/setup cluster` installs; everything runs in namespaces of its own
and ends with this process.
"""

import shutil
import subprocess
import sys
from dataclasses import asdict
from typing import Any

from _part import Run, begun
from machines import network, nodes
from machines.campaign import AUTHORS, CASES, DUE, WITHIN, campaign

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
    run = begun(__doc__)
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing or not network.is_permitted():
        why = f"{', '.join(missing)} missing: run scripts/setup cluster" if missing else "needs root"
        return told(run, {"campaigns": [], "planted": {}}, [f"It could not run ({why})."])
    code = network.go_inside()
    if code is not None:
        return code
    network.lay()
    done: dict[str, Any] = run.kept({"campaigns": [], "planted": {}})
    for _ in range(len(done["campaigns"]), run.length(SHARE, LONG)):
        done["campaigns"].append(asdict(campaign(say=run.says)))
        run.keep(done)
        if done["campaigns"][-1]["judged"]["wrong"]:
            break
    for name, how in run.length({}, PLANTED).items():
        if name not in done["planted"]:
            run.says(f"with a planted fault: {name}")
            done["planted"][name] = asdict(campaign(**how, say=run.says))["judged"]["lost"]
            run.keep(done)
    wrong = [one for each in done["campaigns"] for one in each["judged"]["wrong"]]
    unseen = [name for name, lost in done["planted"].items() if not any(lost.values())]
    return told(run, done, wrong + [f"{name}: nothing was found" for name in unseen])


def told(run: Run, done: dict[str, Any], wrong: list[str]) -> int:
    planted = {f"lost, planted: {name}": lost for name, lost in done["planted"].items()}
    return run.tells(
        claim="A database cluster that loses its leader, by a kill or a cut network, costs no acknowledged act.",
        figures=figures(done["campaigns"]) | planted,
        held=not wrong,
        wrong=wrong,
        not_covered=COVERS_NOT,
        command="make cluster",
        settings={
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
    )


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
