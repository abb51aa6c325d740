"""A coordinator signs in where a second factor is required, sets one up, and reaches the desk. In a browser."""

import re
import time

import pytest
from playwright.sync_api import CDPSession

from tests.accounts.codes import app_code

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_from_the_first_sign_in_to_the_desk(visitor, people, settings, clock):
    settings.REQUIRE_MFA = True
    desk = visitor()
    desk.open("/accounts/login/")
    desk.look()
    desk.sign_in("coordinator@demo.example")
    assert desk.reads("まず、どちらか1つを登録してください")
    desk.look()
    desk.open("/desk/")
    assert desk.page.url.endswith("/accounts/2fa/"), "nothing else opens"
    desk.press("パスキーを登録する")
    desk.look()
    desk.press("やめる")
    desk.press("認証アプリを登録する")
    desk.look()
    assert desk.page.locator(".qr__image").evaluate("image => image.complete && image.naturalWidth > 0")
    desk.page.locator("summary", has_text="QRコードを読み取れないとき").click()
    desk.look()
    secret = desk.page.locator(".qr__secret").inner_text().strip()
    desk.page.locator("input[name=code]").fill("000000")
    desk.press("登録する")
    assert desk.reads("コードが違います")
    desk.look()
    desk.page.locator("input[name=code]").fill(app_code(secret))
    desk.press("登録する")
    spare = desk.page.locator(".codes li").all_inner_texts()
    assert len(spare) == 10
    desk.look()
    desk.press("控えたのでマイページへ進む")
    desk.look()
    desk.press("ログインと安全")
    desk.look()
    desk.press("端末を確かめる")
    desk.look()
    desk.open("/desk/")
    assert desk.reads("受付一覧")
    desk.press("人と役割")
    desk.look()
    desk.press("佐倉 美帆")
    desk.look()
    desk.press("利用を止める")
    desk.look()

    # Another day at another computer: the password, then what the app shows.
    clock.shift(3600)
    elsewhere = visitor()
    elsewhere.sign_in("coordinator@demo.example")
    elsewhere.look()
    elsewhere.page.locator("input[name=code]").fill(app_code(secret, at=time.time()))
    elsewhere.press("ログインする")
    elsewhere.page.wait_for_url(re.compile("/my/$"))
    elsewhere.open("/desk/")
    assert elsewhere.reads("受付一覧")
    # A quarter of an hour later something grave asks once more.
    clock.shift(1800)
    elsewhere.open(f"/desk/people/{people.school_contact.public_id}/pause/")
    elsewhere.look()
    elsewhere.page.locator("input[name=password]").fill("kakehashi-demo")
    elsewhere.press("確かめる")
    assert elsewhere.reads("すべての端末ですぐにログアウト")


def test_an_administrator_gives_a_role(visitor, people):
    root = visitor()
    root.sign_in("admin@demo.example")
    root.open(f"/desk/people/{people.school_contact.public_id}/grant/")
    root.look()
    root.page.locator("input[name=role][value=viewer]").check()
    root.page.locator("input[name=body_name]").fill("文部科学省")
    root.page.locator("textarea[name=reason]").fill("4月の異動で担当になりました。")
    root.press("役割を付ける")
    assert root.reads("役割を付けました")
    root.look()


def with_authenticator(device: CDPSession, *, knows_its_owner: bool) -> None:
    """The browser has a new one of its own, and no key in it."""
    device.send("WebAuthn.disable")
    device.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": knows_its_owner,
        "automaticPresenceSimulation": True,
    }
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_passkey_is_made_and_is_both_steps_of_the_next_sign_in(visitor, people, settings, live_server):
    """The ceremony itself: Chromium's own authenticator makes the key and signs with it."""
    settings.REQUIRE_MFA = True
    settings.SITE_URL = live_server.url  # a passkey belongs to the address of the house
    desk = visitor()
    device = desk.page.context.new_cdp_session(desk.page)
    with_authenticator(device, knows_its_owner=True)
    desk.sign_in("coordinator@demo.example")
    desk.press("パスキーを登録する")
    desk.page.locator("input[name=name]").fill("事務局のパソコン")
    desk.page.locator("input[name=passwordless]").check()
    desk.press("この端末を登録する")
    desk.page.wait_for_url(lambda address: not address.endswith("/add/"))
    desk.look()
    desk.open("/desk/")
    print("URL", desk.page.evaluate("window.whatFailed"), desk.page.locator("main").inner_text()[:300], desk.seen)
    assert desk.reads("受付一覧")
    desk.open("/accounts/2fa/webauthn/")
    assert desk.reads("事務局のパソコン")
    desk.look()

    desk.open("/accounts/logout/")
    desk.page.locator("main form button[type=submit]").click()
    desk.open("/accounts/login/")
    failed = desk.page.locator("[data-passkey-failed]")
    assert not failed.is_visible(), "nothing has failed before anything was tried"
    desk.press("パスキーでログインする")
    desk.page.wait_for_url(re.compile("/my/$"))
    desk.open("/desk/")
    assert desk.reads("受付一覧"), "the passkey is both steps"

    # A device that says no: in words, beside the button.
    desk.open("/accounts/logout/")
    desk.page.locator("main form button[type=submit]").click()
    with_authenticator(device, knows_its_owner=False)
    desk.open("/accounts/login/")
    desk.page.get_by_role("button", name="パスキーでログインする").click()
    failed.wait_for(state="visible")
    desk.look()
