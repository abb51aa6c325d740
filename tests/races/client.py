"""One client: a process with nothing of the house in it, told over its standard input whom to be and what to do.

It reads one walk (a line of JSON), says "ready", waits for "go", and writes a line of JSON for every step it has done.
A walk has the port, the cookies of each person and the roads; a road is a list of steps; a step names who asks which
address with which form, and what to take from the answer for the addresses of later steps.
"""

import http.client
import json
import re
import sys
import time
from urllib.parse import urlencode

ANSWER_AT_MOST = 120  # seconds
PATIENCE = 300  # seconds for one step, with all its retries
PAUSE_AFTER_A_CUT = 0.05
LONGEST_PAUSE = 5  # of those that a Retry-After asks for
CUT = 0  # the status of an answer that never came


def say(**words: object) -> None:
    print(json.dumps(words), flush=True)


def ask(port: int, cookies: dict[str, str], path: str, form: dict | None) -> dict:
    """One request on a connection of its own: status, where it points, and what it says."""
    door = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_AT_MOST)
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()), "Connection": "close"}
    body = None
    if form is not None:
        body = urlencode({**form, "csrfmiddlewaretoken": cookies["csrftoken"]}, doseq=True)
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    try:
        door.request("GET" if form is None else "POST", path, body=body, headers=headers)
        response = door.getresponse()
        said = response.read().decode("utf-8", "replace")
        return {
            "status": response.status,
            "location": response.headers.get("Location", ""),
            "retry_after": response.headers.get("Retry-After", ""),
            "body": said,
        }
    except (OSError, http.client.HTTPException) as cut:
        return {"status": CUT, "location": "", "retry_after": "", "body": repr(cut)}
    finally:
        door.close()


def ask_until_answered(port: int, cookies: dict[str, str], path: str, form: dict | None) -> tuple[dict, list[dict]]:
    """The answer, and the ones before it: the line was cut, or the house asked to come again."""
    before: list[dict] = []
    until = time.monotonic() + PATIENCE
    while True:
        answer = ask(port, cookies, path, form)
        may_come_again = answer["status"] == CUT or (answer["status"] == 503 and answer["retry_after"].isdigit())
        if not may_come_again or time.monotonic() > until:
            return answer, before
        before.append({"status": answer["status"], "retry_after": answer["retry_after"]})
        asked_to_wait = int(answer["retry_after"] or 0)
        time.sleep(min(asked_to_wait, LONGEST_PAUSE) if answer["status"] == 503 else PAUSE_AFTER_A_CUT)


def walk(port: int, people: dict[str, dict[str, str]], roads: list[list[dict]]) -> None:
    for number, road in enumerate(roads):
        known: dict[str, str] = {}
        for place, step in enumerate(road):
            path = step["path"].format(**known)
            answer, before = ask_until_answered(port, people[step["who"]], path, step.get("form"))
            missing = []
            for name, pattern in step.get("take", {}).items():
                if found := re.search(pattern, answer["location"] + "\n" + answer["body"]):
                    known[name] = found[1]
                else:
                    missing.append(name)
            if answer["status"] in (200, 302) and not missing:
                answer["body"] = ""
            say(road=number, step=place, path=path, before=before, missing=missing, **answer)
            if missing:
                break


def main() -> None:
    for line in sys.stdin:
        told = json.loads(line)
        say(ready=True)
        sys.stdin.readline()
        walk(**told)
        say(done=True)


if __name__ == "__main__":
    main()
