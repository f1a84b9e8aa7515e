"""What the people of the story write. Every sentence is our own; none of it may ever be found outside their homes.

The names say who wrote for whom. `PLANTED` lists every one of these texts: a test looks for each of them in everything
the host keeps, sends and remembers, and must not find one.
"""

# Iruka for Naruto.

NARUTO_FIRST = """\
Naruto,

you asked me once whether I was proud of you, and I answered with a joke. This is the answer.
I have been proud of you since the day you decided to stay in the room.

Iruka
"""

NARUTO_LETTER = """\
Naruto,

I am writing this on a stone, so forgive the hand. You will lead the village one day. I have known it for longer than
you have, and I would have liked to stand somewhere in the last row and see it.

Eat something green now and then. You were the best thing that ever interrupted a lesson of mine.

Iruka
"""

NARUTO_SECOND_LETTER = """\
Naruto, this one is for the day you take the office.

Open the window first; the room is stuffy and nobody tells the person in it. Then do it your own way.
"""

NARUTO_NOTE = "Two letters. The second one is for a later day, and it is a happy one."

# Iruka for Kakashi: three versions, of which only the last may ever be read.

KAKASHI_FIRST = """\
Kakashi,

there are seven reasons why I married a man who is late for everything, and I have numbered them.
"""

KAKASHI_WISH_TO_BE_FORGOTTEN = """\
Kakashi,

I gave you the dose while you slept, and I would do it again. Do not carry it about with you. I have tried to think of
a way in which you would not have to remember me at all, and I find that I mean it.
"""

KAKASHI_LAST = """\
Kakashi,

come home, sleep, and let them feed you. That is all. It was a good life, and most of it was you.

Iruka
"""

KAKASHI_FIRST_WISHES = """\
My wish is that he forgets me. Please help him with that.
"""

KAKASHI_LAST_WISHES = """\
Do not come looking for me. Nobody is to be blamed for the antidote. I wish that he is happy, in whatever order he
manages it.
"""

# Kakashi for Iruka.

IRUKA_WORDS = """\
Iruka,

if you read this I was late once more, and this time I have no excuse ready. The plants by the window are yours, and
so was everything else.
"""

CANNOT_ACT_WORDS = """\
Iruka,

should Hound have taken over: let him have the chair by the door, and do not argue with him about sleep. I am in there,
and I hear you.
"""

IN_IRUKAS_PLACE = """\
Tsunade, this is what Iruka would have been told, in case he is not there to hear it.

Hound sleeps in the chair by the door, if he sleeps. Say my name to him once a day, and do not wait for an answer.
"""

# Kakashi for Tsunade, should he live and not be himself.

TSUNADE_WISHES = "No mask near him, and nobody who writes down what he says. I wish that he is left in peace."

TSUNADE_WORDS = """\
Tsunade,

if you read this, Hound is out and I am somewhere behind him. He keeps watch and he does no harm. Talk to him about
the weather, leave the window open, and do not send anyone in a mask.

Kakashi
"""

# Entries of the case: what only the keepers may read, and what every called person may read.

ONLY_KEEPERS_NOTE = "He wept when he had finished the letter. He asks that Kakashi is never told of it."
LOOK_AFTER_HIM = (
    "He asks us to look after Kakashi: one of us stays with him, whatever he says, until he eats by himself."
)
TASK_STAY = "Someone stays with the two of them and writes down pulse and breathing."
TASK_HELP = "Someone runs home for help: Tsunade must hear of P.19 and of the one dose."
HELP_REACHED = (
    "Reached the tower. Tsunade has heard all of it and has called her people. Oxygen and A.19 are ready."
)
SENT_AWAY = (
    "Kakashi is awake and has sent me away. My paw will not carry me further; Bull has taken my place."
)
KEPT_WATCH = (
    "Pulse 76, breathing 5 at the window of the tower, fifteen hours after the poison. He has never woken."
)
WHAT_WE_SAW = "Tsunade stopped the oxygen at dawn. I was in the room, and there was no pulse for an hour."
COULD_NOT_TELL = "I was outside the door with the others. I do not know enough to sign anything."
HOUND = (
    "It is Hound who sits there. He does not know his own name, and he cannot decide anything for Kakashi."
)
AT_THE_BED = "Hound sits at the bed and does not answer to Kakashi's name. We let him sit."

# The journey, and what Iruka leaves for a case.

PARTY = ("Iruka, teacher at the academy", "Kakashi, who walks behind and reads")
ROUTE = ("the ford below the old mill", "the gate of Suna, by the evening")
GEAR = ("field kit with one dose of A.19", "two patches of A.12 and a sedative")
COUNTED_FROM = "the ford below the old mill"
WHOM_TO_CALL = "Tsunade, at her desk in the tower"
HOW_TO_REACH = "ask for Shizune at the gate, day or night"
WHAT_TO_SAY = "Two of us are overdue on the road to Suna; one dose of A.19 was in the kit."
MEDICINES = "a headache powder when the class is loud"
TREATMENT_WISHES = "what I want and do not want at a bed"
WISHES_LIE = "with Tsunade, in the third sealed folder"
EMERGENCY_NOTES = """\
If it is P.19: a patch of A.12 on the skin at once, then adrenaline, 1.5 mg into a muscle.
Nine hours later the same amount once more, whatever anybody says about my heart.
"""

# Care: what is written into the fields of entries.

AMBUSH = "poisoned in an ambush on the road to Suna"
SUSPECTED = "a partial dose of P.19, told by the smell"
SEDATIVE = "sedative from the field kit"
PULSE_ANSWERS = "the pulse answers within a minute"
THREADY = "rapid and thready, hard to count"
LABOURED = "quiet and laboured, with long gaps"
THE_DESK = "Tsunade's desk, in the tower"
AT_THE_WINDOW = "Hound, at the window of the tower"
WHY_CORRECTED = "called P.12 in the spoken report; the log of the first hour says A.12"
HOW_MUCH = "How large was the part of the dose that he got?"
BY_MASK = "oxygen through a mask, at the tower"
MONITOR = "monitor at the bed by the window"
DOES_NOT_LET_GO = "Hound has the wire of the monitor in his hand and does not let go."

PLANTED = {name: text for name, text in list(globals().items()) if name.isupper() and isinstance(text, str)}
PLANTED |= {
    f"{name}_{place}": text
    for name in ("PARTY", "ROUTE", "GEAR")
    for place, text in enumerate(globals()[name])
}
