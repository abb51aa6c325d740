"""What the desk is told about the post itself: a letter that could not be sent."""

from outbox.actions import post
from outbox.models import Letter
from outreach.requests.letters import desk_people, letter, page_in

NEWS = "letter_given_up"


def note_given_up(given_up: Letter) -> None:
    """Everyone at the desk learns that a letter was given up, to whom and why; never what it says.

    A note about a note would never end: of those, only the log and the desk's page tell.
    """
    if f":{NEWS}:" in given_up.key:
        return
    # Each time it is given up is news of its own: it may have been sent off anew in between.
    about = f"letter:{given_up.public_id}:{given_up.waits_since:%Y%m%d%H%M%S}"
    # Staff may not read a letter with a secret.
    view, *args = ("desk:letters",) if given_up.is_secret else ("desk:letter", given_up.public_id)
    for person in desk_people():
        page = page_in(person, view, *args)
        post(letter(about, NEWS, person, given_up=given_up, page=page))
