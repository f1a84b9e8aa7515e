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

# Kakashi for Tsunade, should he live and not be himself.

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
PLACES_OF_HELP = (
    "Places of help: home, eighteen hours on foot. Suna is more than twice as far. Both men are with us."
)
FIRST_CARE = (
    "A.12 patch on the left shoulder, adrenaline 1.5 mg into the thigh. Pulse answers. Iruka does not wake."
)
DOSE = "One dose of A.19 between the two. Iruka gave it to Kakashi while he slept, after a sedative."
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

PLANTED = {name: text for name, text in list(globals().items()) if name.isupper() and isinstance(text, str)}
