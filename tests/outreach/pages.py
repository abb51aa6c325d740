"""What people do on their pages: read, press, and what a refused press answers."""

from typing import Any

from django.http import HttpResponse
from django.test import Client


class Reader:
    """One person at one browser."""

    def __init__(self, person: Any) -> None:
        self.person = getattr(person, "user", person)
        self._client = Client()

    @property
    def client(self) -> Client:
        # Signed in anew each time: in a story weeks may pass between two pages.
        self._client.force_login(self.person)
        return self._client

    def reads(self, page: str) -> str:
        """The page, or where it leads."""
        answer = self.client.get(page, follow=True)
        assert answer.status_code == 200, answer.status_code
        return answer.content.decode()

    def sees(self, page: str) -> int:
        return self.client.get(page).status_code

    def sends(self, page: str, **fields: Any) -> HttpResponse:
        """The answer of the press itself, not of the page it leads to."""
        return self.client.post(page, fields)

    def told(self, page: str, **fields: Any) -> str:
        """What the person reads after the press, wherever it leads."""
        return self.client.post(page, fields, follow=True).content.decode()
