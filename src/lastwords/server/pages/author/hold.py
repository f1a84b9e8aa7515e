"""What an author does to their own clocks: stop them all and lift that again, and the alarm about themselves.

The session is enough for both, as it is for the API: neither is a sign of life, and neither brings anybody nearer to
the words. A hold of the author's that is not the first is not placed here with a second keeper: whoever is there to ask
for one says “I'm here” instead, and that is all it takes.
"""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods

from lastwords.protocol.rules.holds import ends_by
from lastwords.protocol.stages import HoldCause, Stage
from lastwords.protocol.watch import Watch
from lastwords.server.api import door, plan, state, views
from lastwords.server.api.door import Seen
from lastwords.server.moments import day
from lastwords.server.pages.entrance import author
from lastwords.server.pages.keeper.together import LiftForm
from lastwords.server.pages.once import Once, once_only

from .home import names_of


@author
@require_http_methods(["GET", "HEAD", "POST"])
def hold(request: HttpRequest, seen: Seen) -> HttpResponse:
    """The hold switch, and lifting what is the author's to lift; which of the two, the form says."""
    form = LiftForm(request.POST or None)

    def act() -> None:
        if cause := form.cleaned_data["lift"]:
            plan.lift_hold(request, seen.author, HoldCause(cause))
            messages.success(request, _lifted(door.load(seen.author, seen.author), seen.person.zone))
        else:
            plan.place_hold(request, seen.author, plan.Together())
            messages.success(request, "All clocks stand still.")

    if request.method == "POST" and once_only(request, form, act):
        return redirect("hold")
    watch, now, zone = seen.watch, door.now(), seen.person.zone
    names = names_of(watch)
    shown = {
        "form": form,
        "watch": watch,
        "holds": [
            {
                "said": state.of_hold(watch, one, now, zone, names),
                "cause": one.cause.value,
                "mine": ends_by(watch, one).lifted_by == seen.author,
            }
            for one in watch.holds
        ],
        "switched": watch.hold(HoldCause.SWITCH) is not None,
        "again": seen.author in watch.held,
        "ends": now.wall + watch.plan.longest_hold,
        "then": state.after_hold(watch, HoldCause.SWITCH, beside=bool(watch.holds)),
        "zone": zone,
    }
    return render(request, "author/hold.html", shown)


def _lifted(watch: Watch, zone: str) -> str:
    """What is said to somebody who has just lifted a hold of theirs."""
    if watch.holds:
        return "Your hold is lifted. Another one stands, so all clocks still do."
    due = views.next_check_in(watch, door.now())
    if watch.stage is Stage.WELL and due:
        return f"Your hold is lifted. Next check-in by {day(due, zone)}."
    return "Your hold is lifted. What it stopped begins again in full."


@author
@require_http_methods(["GET", "HEAD", "POST"])
def alarm(request: HttpRequest, seen: Seen) -> HttpResponse:
    watch, form = seen.watch, Once(request.POST or None)

    def act() -> None:
        plan.raise_alarm(request, seen.author, plan.Together())
        messages.success(request, _raised(watch))

    if request.method == "POST" and once_only(request, form, act):
        return redirect("home")
    shown = {
        "form": form,
        "watch": watch,
        "helps": state.alarm_helps(watch),
        "well": watch.stage is Stage.WELL,
    }
    return render(request, "author/alarm.html", shown)


def _raised(before: Watch) -> str:
    """What is said to somebody who has just raised an alarm in a watch that stood so."""
    if not state.alarm_helps(before):
        return "Your alarm stands in the record. Nothing else changes by it."
    if before.plan.timer_only:
        return "The alarm is raised. You are asked now."
    return "The alarm is raised. Your keepers are called together, and you are asked."


urlpatterns = [path("hold", hold, name="hold"), path("alarm", alarm, name="alarm")]
