"""The second factor: setting it up, signing in with it, and roles that need one before anything else."""

import re
import time
from collections.abc import Callable

import pytest
from allauth.account import app_settings as account_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.test import Client, RequestFactory, override_settings

from grids.models import Membership, Person
from maps.pages.second_factor import MFAAdapter, keys_possible
from maps.site.env import Env
from tests.town import Town

SignIn = Callable[[str], Client]
PASSWORD = "a-long-password"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code(secret: str = SECRET) -> str:
    return str(format_hotp_value(hotp_value(secret, list(yield_hotp_counters_from_time())[1])))


def sign_in(name: str = "paula") -> tuple[Client, str]:
    client = Client()
    answer = client.post("/accounts/login/", {"login": name, "password": PASSWORD})
    return client, str(answer["Location"])


def confirm(client: Client) -> None:
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})


def test_setting_up_shows_a_picture_and_gives_recovery_codes(town: Town) -> None:
    client, _to = sign_in()
    page = client.get("/accounts/mfa/totp/activate/")
    html = page.content.decode()
    assert 'src="data:image/svg+xml;base64,' in html
    assert "img-src 'self' data:" in page["Content-Security-Policy"]
    secret = page.context["form"].secret
    assert client.post("/accounts/mfa/totp/activate/", {"code": code(secret)})["Location"] == "/accounts/mfa/codes/"
    assert len(re.findall(r"<li><code>\d{8}</code></li>", client.get("/accounts/mfa/codes/").content.decode())) == 10


def test_the_password_is_asked_again_unless_it_was_typed_a_moment_ago(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, _to = sign_in()
    assert client.get("/accounts/mfa/totp/activate/").status_code == 200
    later = time.time() + account_settings.REAUTHENTICATION_TIMEOUT + 1
    monkeypatch.setattr("maps.pages.accounts.time.time", lambda: later)
    assert client.get("/accounts/mfa/totp/activate/")["Location"].startswith("/accounts/reauthenticate/")
    confirm(client)
    assert client.get("/accounts/mfa/totp/activate/").status_code == 200


def test_who_signed_in_with_a_second_factor_is_asked_again_before_it_goes(town: Town) -> None:
    TOTP.activate(town.paula, SECRET)
    client, to = sign_in()
    client.post(to, {"code": code()})
    for address in ("/accounts/mfa/totp/deactivate/", "/accounts/mfa/keys/add/"):
        assert client.get(address)["Location"].startswith("/accounts/reauthenticate/")


def test_a_wrong_code_sets_nothing_up(town: Town) -> None:
    client, _to = sign_in()
    client.get("/accounts/mfa/totp/activate/")
    page = client.post("/accounts/mfa/totp/activate/", {"code": "000000x"})
    assert 'role="alert"' in page.content.decode()
    assert not Authenticator.objects.exists()


def test_the_secret_is_sealed_in_the_database(town: Town) -> None:
    row = TOTP.activate(town.paula, SECRET).instance
    assert SECRET not in str(row.data)
    assert get_adapter().decrypt(row.data["secret"]) == SECRET
    with override_settings(SECRET_KEY="another" * 10):
        assert get_adapter().decrypt(row.data["secret"]) != SECRET
    with override_settings(SECRET_KEY="another" * 10, SECRET_KEY_FALLBACKS=[settings.SECRET_KEY]):
        assert get_adapter().decrypt(row.data["secret"]) == SECRET


def test_signing_in_takes_the_code_as_well(town: Town) -> None:
    TOTP.activate(town.paula, SECRET)
    client, to = sign_in()
    assert to == "/accounts/mfa/authenticate/"
    assert "_auth_user_id" not in client.session
    assert client.get("/inbox/").status_code == 302
    assert client.post(to, {"code": "123"}).status_code == 200
    assert "_auth_user_id" not in client.session
    assert client.post(to, {"code": code()})["Location"] == "/"
    assert client.get("/inbox/").status_code == 200


def test_a_code_works_once(town: Town) -> None:
    TOTP.activate(town.paula, SECRET)
    used = code()
    for expected in (302, 200):
        client, to = sign_in()
        assert client.post(to, {"code": used}).status_code == expected


def test_a_recovery_code_replaces_the_phone_once(town: Town) -> None:
    TOTP.activate(town.paula, SECRET)
    codes = RecoveryCodes.activate(town.paula).get_unused_codes()
    for expected in (302, 200):
        client, to = sign_in()
        assert client.post(to, {"code": codes[0]}).status_code == expected


def test_without_second_factor_the_password_is_enough(town: Town) -> None:
    assert sign_in("bob")[1] == "/"


@pytest.mark.parametrize("url", ["/people/", "/account/", "/", "/reports/", "/accounts/mfa/codes/"])
@override_settings(REQUIRE_MFA=frozenset({"planner"}))
def test_a_role_that_needs_one_is_led_to_it_before_anything_else(town: Town, url: str) -> None:
    client, _to = sign_in()
    assert client.get(url)["Location"] == "/accounts/mfa/totp/activate/"


@override_settings(REQUIRE_MFA=frozenset({"planner"}))
def test_programs_and_forms_are_told_so(town: Town) -> None:
    client, _to = sign_in()
    for answer in (
        client.get("/api/v1/reports", headers={"accept": "application/json"}),
        client.post("/people/new/", {"name": "x"}),
    ):
        assert answer.status_code == 403
        assert answer["Content-Type"] == "application/problem+json"


@override_settings(REQUIRE_MFA=frozenset({"planner"}))
def test_after_setting_it_up_everything_opens(town: Town) -> None:
    client, _to = sign_in()
    confirm(client)
    page = client.get("/accounts/mfa/totp/activate/")
    assert page.context["second_factor_missing"]
    client.post("/accounts/mfa/totp/activate/", {"code": code(page.context["form"].secret)})
    assert client.get("/accounts/mfa/codes/").status_code == 200
    assert client.get("/people/").status_code == 200


@override_settings(REQUIRE_MFA=frozenset({"planner"}))
def test_others_are_not_asked(town: Town, as_person: SignIn) -> None:
    assert as_person("alice").get("/my-grid/").status_code == 200
    assert Client().get("/accounts/login/").status_code == 200


@override_settings(REQUIRE_MFA=frozenset({"planner"}))
def test_who_only_comes_to_need_one_is_asked_from_then_on(town: Town, as_person: SignIn) -> None:
    client = as_person("bob")
    assert client.get("/reports/").status_code == 200
    Membership.objects.create(person=town.bob, role="planner", region=town.far_grid.region)
    assert client.get("/reports/")["Location"] == "/accounts/mfa/totp/activate/"


@override_settings(REQUIRE_MFA=frozenset({"admin"}))
def test_who_may_use_the_administration_counts_as_administrator(town: Town, as_person: SignIn) -> None:
    Person.objects.filter(pk=town.bob.pk).update(is_staff=True)
    assert as_person("bob").get("/reports/")["Location"] == "/accounts/mfa/totp/activate/"


def test_nobody_switches_off_the_last_one_that_their_role_needs(town: Town) -> None:
    app = TOTP.activate(town.paula, SECRET).instance
    key = Authenticator.objects.create(user=town.paula, type="webauthn", data={"name": "x", "credential": {}})
    adapter = MFAAdapter()
    with override_settings(REQUIRE_MFA=frozenset({"planner"})):
        assert adapter.can_delete_authenticator(app)
        key.delete()
        assert not adapter.can_delete_authenticator(app)
    assert adapter.can_delete_authenticator(app)


@override_settings(REQUIRE_MFA=frozenset({"planner"}))
def test_the_last_key_is_not_removed_either(town: Town) -> None:
    client, _to = sign_in()
    key = Authenticator.objects.create(user=town.paula, type="webauthn", data={"name": "x", "credential": {}})
    confirm(client)
    client.post(f"/accounts/mfa/keys/{key.pk}/remove/")
    assert Authenticator.objects.filter(pk=key.pk).exists()


@override_settings(ACCOUNT_RATE_LIMITS={})
def test_guessing_codes_is_stopped(town: Town) -> None:
    TOTP.activate(town.paula, SECRET)
    client, to = sign_in()
    for _attempt in range(6):
        client.post(to, {"code": "000"})
    assert client.post(to, {"code": code()}).status_code == 200
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("admin,planner", ["admin", "planner"]),
        ("none", []),
        ("", ["admin"]),
        (" admin , dispatcher ", ["admin", "dispatcher"]),
    ],
)
def test_the_setting_names_roles(value: str, expected: list[str]) -> None:
    env = Env({"X": value})
    assert env.choices("X", settings.ROLES, "admin") == expected
    env.finish()


@pytest.mark.parametrize("value", ["boss", "admin,none", "Admin"])
def test_a_role_that_is_none_stops_the_start(value: str) -> None:
    env = Env({"X": value})
    env.choices("X", settings.ROLES, "admin")
    with pytest.raises(ImproperlyConfigured, match="X is"):
        env.finish()


def test_the_roles_of_the_settings_are_those_of_the_models() -> None:
    from grids.models.people import Role

    assert set(settings.ROLES) == set(Role.values)


@pytest.mark.parametrize(
    ("host", "secure", "possible"),
    [
        ("grid.example.cn", True, True),
        ("grid.example.cn", False, False),
        ("localhost:8000", False, True),
        ("127.0.0.1:8000", False, False),
        ("127.0.0.1", True, False),
        ("[::1]:8000", True, False),
    ],
)
@override_settings(ALLOWED_HOSTS=["*"])
def test_a_key_needs_a_name_and_https(host: str, secure: bool, possible: bool) -> None:
    request = RequestFactory().get("/", headers={"host": host}, secure=secure)
    assert keys_possible(request) is possible


@override_settings(REQUIRE_MFA=frozenset({"planner"}))
def test_public_tiles_stay_the_same_for_every_cache_and_scoped_ones_are_kept_back(town: Town) -> None:
    client, _to = sign_in()
    for visitor in (client, Client()):
        answer = visitor.get("/tiles/regions/0/0/0.mvt")
        assert answer.status_code in {200, 204}
        assert answer["Cache-Control"].startswith("public")
        assert "Cookie" not in answer.get("Vary", "")
    for address in ("/tiles/reports/0/0/0.mvt", "/tiles/checkpoints/0/0/0.mvt", "/tiles/grids/0/0/0.mvt?owners=1"):
        assert client.get(address).status_code == 403


@override_settings(ACCOUNT_RATE_LIMITS={"login": "1/m/ip"})
def test_who_tries_too_often_reads_a_page_of_ours(town: Town) -> None:
    form = {"login": "bob", "password": "wrong"}
    Client().post("/accounts/login/", form)
    answer = Client().post("/accounts/login/", form)
    assert answer.status_code == 429
    assert '<html lang="zh-Hans">' in answer.content.decode()
