"""All settings, read from the environment. docs/operations.md lists every variable; a test keeps the list complete."""

import os
from pathlib import Path

import pghistory
from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from maps.site.env import Env

env = Env(os.environ)

BASE_DIR = Path(__file__).resolve().parents[2]
MODE = env.choice("GRIDWARDEN_MODE", ("demo", "production", "test"), "demo")
PRODUCTION = MODE == "production"
DEMO = MODE == "demo"
TEST = MODE == "test"
VAR = Path(env.text("GRIDWARDEN_VAR", str(BASE_DIR / "var")))

# -- who may reach it ---------------------------------------------------------------------------------------------
PORT = env.integer("PORT", 8000, 1, 65535)
# Read by docker/gunicorn.conf.py, where nobody says what is wrong with it.
env.integer("WEB_CONCURRENCY", 2, 1, 64)
DEMO_PASSWORD = env.text("DEMO_PASSWORD", "demo")
LOCAL_ORIGIN = f"http://127.0.0.1:{PORT}"
if PRODUCTION:
    SECRET_KEY = env.required("GRIDWARDEN_SECRET_KEY", "a random string of at least 50 characters")
    if 0 < len(SECRET_KEY) < 50:
        env.problems.append("GRIDWARDEN_SECRET_KEY is too short: give a random string of at least 50 characters.")
    ALLOWED_HOSTS = env.words("GRIDWARDEN_ALLOWED_HOSTS")
    if not ALLOWED_HOSTS:
        env.problems.append("GRIDWARDEN_ALLOWED_HOSTS is not set: give the names this site answers to.")
    BASE_URL = env.origin("GRIDWARDEN_BASE_URL", "https://localhost")
else:
    SECRET_KEY = env.text("GRIDWARDEN_SECRET_KEY", "only-for-demonstration-and-tests-" * 2)
    ALLOWED_HOSTS = env.words("GRIDWARDEN_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1],testserver")
    BASE_URL = env.origin("GRIDWARDEN_BASE_URL", LOCAL_ORIGIN)
CSRF_TRUSTED_ORIGINS = [BASE_URL]

# -- what it is made of -------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    # Ours first: our templates and translations come before those of the libraries.
    "maps",
    "patrols",
    "grids",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.admin.apps.SimpleAdminConfig",
    # The tests' own server serves static files only for the app under its plain name.
    "django.contrib.staticfiles" if TEST else "maps.site.apps.StaticFiles",
    "django.contrib.gis",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_rq",
    "leaflet",
    "pghistory",
    "pgtrigger",
    "rest_framework",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "maps.site.caching.PrivateByDefault",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "grids.history.HistoryMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "maps.site.signed_in.LastUse",
    "maps.site.signed_in.SecondFactor",
    "grids.problems.ProblemMiddleware",
    # Last: it calls the view, and what the others refuse is refused before.
    "maps.site.replicas.ReadFromReplica",
]
ROOT_URLCONF = "maps.site.urls"
WSGI_APPLICATION = "maps.site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "maps.pages.shell.shell",
            ],
        },
    },
]

# -- where the truth is kept --------------------------------------------------------------------------------------
_database = env.database("GRIDWARDEN_DATABASE_URL", f"host={VAR / 'run'} dbname=gridwarden user=gridwarden")
_options = _database.pop("OPTIONS")
assert isinstance(_options, dict)
# Compiling a statement takes PostgreSQL longer than running any of ours.
_options["options"] = "-c statement_timeout=60000 -c idle_in_transaction_session_timeout=120000 -c jit=off"
# Only what asks for it is prepared (grids.prepared); nothing comes to be so by being run often.
_options["prepare_threshold"] = 2**31 - 1
if env.flag("GRIDWARDEN_DB_POOL"):
    # Only the web process pools: the worker forks, and a pool does not survive a fork.
    _options["pool"] = {"min_size": 2, "max_size": 16, "timeout": 10}
DATABASES = {
    "default": {
        "ENGINE": "django.contrib.gis.db.backends.postgis",
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": _options,
        **_database,
    }
}
# Streaming replicas that reads may go to, and how many seconds behind one may be.
REPLICAS = []
for _number, _replica in enumerate(env.replicas("GRIDWARDEN_REPLICA_URLS"), start=1):
    _own = _replica.pop("OPTIONS")
    assert isinstance(_own, dict)
    # One that is gone must not hold up a request.
    _own = {"connect_timeout": 2, **_own, **{name: _options[name] for name in ("options", "prepare_threshold")}}
    _kept = {"pool": _options["pool"]} if "pool" in _options else {}
    DATABASES[f"replica{_number}"] = {**DATABASES["default"], "OPTIONS": {**_own, **_kept}, **_replica}
    REPLICAS.append(f"replica{_number}")
REPLICA_LAG = env.integer("GRIDWARDEN_REPLICA_LAG_SECONDS", 10, 1, 3600)
DATABASE_ROUTERS = ["maps.site.replicas.Router"] if REPLICAS else []
# Who can read a backup: age public keys. Without any, backups are not encrypted.
BACKUP_KEYS = env.age_keys("GRIDWARDEN_BACKUP_KEY")
# What a row of history refers to is looked up by the row's own table, never the other way round.
PGHISTORY_FOREIGN_KEY_FIELD = pghistory.ForeignKey(db_index=False)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "site_cache"}}
REDIS_URL = env.redis("GRIDWARDEN_REDIS_URL", f"unix://{VAR / 'run' / 'redis.sock'}?db=0")
# How long a bell may take before it counts as lost and is rung again.
OUTBOX_RING_AGAIN_SECONDS = env.integer("GRIDWARDEN_RING_AGAIN_SECONDS", 30, 1, 3600)
# How many per cent of the fixes that may go without are verified all the same, and what the draw begins with.
VERIFY_SAMPLE = env.integer("GRIDWARDEN_VERIFY_SAMPLE", 20, 0, 100)
VERIFY_SEED = env.text("GRIDWARDEN_VERIFY_SEED") or SECRET_KEY
# How many requests a minute one token may make, and one paired tracker.
TOKEN_RATE = env.integer("GRIDWARDEN_TOKEN_RATE", 600, 1, 100_000)
DEVICE_RATE = env.integer("GRIDWARDEN_DEVICE_RATE", 240, 1, 100_000)
# How often a minute one address may read by Open311, and whom its discovery document says to ask for a key.
OPEN311_RATE = 10**6 if TEST else env.integer("GRIDWARDEN_OPEN311_RATE", 120, 1, 100_000)
OPEN311_CONTACT = env.text("GRIDWARDEN_OPEN311_CONTACT")
# How many offers one volunteer may have in hand at once, and take on in a day, before nobody asks them for more.
OFFERS_AT_ONCE = env.integer("GRIDWARDEN_OFFERS_AT_ONCE", 2, 1, 50)
OFFERS_A_DAY = env.integer("GRIDWARDEN_OFFERS_A_DAY", 6, 1, 200)
# How many days a dispatch plan is kept after it was made.
PLANS_KEPT_DAYS = env.integer("GRIDWARDEN_PLANS_KEPT_DAYS", 180, 1, 3650)
RQ_QUEUES = {
    # One worker for each, or a long job would hold up what people are told.
    "default": {"URL": REDIS_URL, "DEFAULT_TIMEOUT": 300, "SERIALIZER": "json"},
    "long": {"URL": REDIS_URL, "DEFAULT_TIMEOUT": 2 * 3600, "SERIALIZER": "json"},
}
RQ = {"WORKER_CLASS": "grids.worker.Worker"}

# -- people -------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "grids.Person"
ROLES = ("leader", "steward", "volunteer", "dispatcher", "planner", "inspector", "admin", "staff")
AUTHENTICATION_BACKENDS = ["grids.accounts.PersonBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
# Limits on signing in are counted by the caller's address: how many proxies of ours add theirs to X-Forwarded-For.
ALLAUTH_TRUSTED_PROXY_COUNT = env.integer("GRIDWARDEN_TRUSTED_PROXIES", 0, 0, 5)
ACCOUNT_ADAPTER = "maps.pages.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
MFA_ADAPTER = "maps.pages.second_factor.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1
MFA_TOTP_ISSUER = "Gridwarden"
# A key is bound to a name and to https; a browser also takes http://localhost.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
# Whose role needs a second factor before anything else.
REQUIRE_MFA = frozenset(env.choices("GRIDWARDEN_REQUIRE_MFA", ROLES, "admin" if PRODUCTION else "none"))
# Beside the library's own limits: what residents bring through a link, by caller and by link.
ACCOUNT_RATE_LIMITS: dict[str, str] | bool = {
    "request": "5/m/ip,30/h/ip,60/h/key,300/d/key",
    "public_report": "5/m/ip,20/h/ip",
}
if TEST:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    ACCOUNT_RATE_LIMITS = False

# -- how people are told outside of the site --------------------------------------------------------------------------
_mail = env.mail("GRIDWARDEN_EMAIL_URL")
EMAIL_FROM = DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.mailbox("GRIDWARDEN_EMAIL_FROM", needed=bool(_mail))
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if _mail else 'dummy'}.EmailBackend"
EMAIL_HOST, EMAIL_PORT = str(_mail.get("host", "")), int(_mail.get("port", 25))
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = str(_mail.get("user", "")), str(_mail.get("password", ""))
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.get("security") == "starttls", _mail.get("security") == "tls"
EMAIL_TIMEOUT = 10
# Which servers a webhook may lead to: names, `.example.cn` for all below one, `name:port`.
OUTSIDE_HOSTS = tuple(env.words("GRIDWARDEN_OUTSIDE_HOSTS"))
# A gateway for text messages: templates with {phone}, {text} and {id}.
SMS_URL = env.template("GRIDWARDEN_SMS_URL")
SMS_BODY = env.text("GRIDWARDEN_SMS_BODY")
SMS_AUTHORIZATION = env.text("GRIDWARDEN_SMS_AUTHORIZATION")
SMS_SUCCESS = env.text("GRIDWARDEN_SMS_SUCCESS")
# An application of WeCom, and servers of group robots besides those of their makers.
WECOM_URL = env.origin("GRIDWARDEN_WECOM_URL", "https://qyapi.weixin.qq.com")
WECOM_CORP = env.text("GRIDWARDEN_WECOM_CORP")
WECOM_AGENT = env.integer("GRIDWARDEN_WECOM_AGENT", 0, 0, 10**9)
WECOM_SECRET = env.text("GRIDWARDEN_WECOM_SECRET")
ROBOT_HOSTS = tuple(env.words("GRIDWARDEN_ROBOT_HOSTS"))
# Web push: the site's private key, and the servers of the browsers' makers that it may lead to.
PUSH_KEY = env.push_key("GRIDWARDEN_PUSH_KEY")
PUSH_HOSTS = tuple(
    env.words(
        "GRIDWARDEN_PUSH_HOSTS",
        "fcm.googleapis.com,updates.push.services.mozilla.com,web.push.apple.com,.notify.windows.com",
    )
)
# Only the tests' own servers stand on this machine and speak plain http.
OUTSIDE_LOOPBACK = False

# -- language and time --------------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.time_zone("GRIDWARDEN_TIME_ZONE", "Asia/Shanghai")

# -- static files -------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [
    ("vendor/pbf", BASE_DIR / "node_modules" / "pbf"),
    ("vendor/vector-tile", BASE_DIR / "node_modules" / "@mapbox" / "vector-tile"),
    ("vendor/point-geometry", BASE_DIR / "node_modules" / "@mapbox" / "point-geometry"),
    ("vendor/leaflet-geoman", BASE_DIR / "node_modules" / "@geoman-io" / "leaflet-geoman-free" / "dist"),
]
STORAGES = {
    # Photos: a directory, or a bucket of any S3.
    "default": env.media(
        "GRIDWARDEN_MEDIA_URL",
        VAR / "media",
        env.text("GRIDWARDEN_S3_ACCESS_KEY"),
        env.text("GRIDWARDEN_S3_SECRET_KEY"),
    ),
    "staticfiles": {
        # Tests serve the files where they lie; tests/maps/test_static.py collects them.
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TEST
        else "maps.site.static.ModuleManifestStorage"
    },
}

# -- the walls ----------------------------------------------------------------------------------------------------
TILE_URL = env.text("GRIDWARDEN_TILE_URL")
TILE_ATTRIBUTION = env.text("GRIDWARDEN_TILE_ATTRIBUTION")
TILE_CRS = env.choice("GRIDWARDEN_TILE_CRS", ("wgs84", "gcj02", "bd09"), "wgs84")
MAP_APPROVAL = env.text("GRIDWARDEN_MAP_APPROVAL")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:", *env.tile_origins("GRIDWARDEN_TILE_URL")],
        "connect-src": [SELF],
        "font-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION and BASE_URL.startswith("https:")
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_SSL_REDIRECT else 0
_subdomains = env.flag("GRIDWARDEN_HSTS_SUBDOMAINS")
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_SSL_REDIRECT and _subdomains
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

REST_FRAMEWORK = {
    # The first one decides that who is not signed in is answered with 401.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "grids.authentication.BearerToken",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "grids.openapi.Schema",
    "EXCEPTION_HANDLER": "grids.problems.problem_response",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Gridwarden",
    "DESCRIPTION": "Who answers for which place, and what is reported there. Everything is limited to what the person "
    "may see: what lies beyond is 404. A session needs the header X-CSRFToken for writing, a token needs nothing else.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": ["grids.openapi.complete"],
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
}
LEAFLET_CONFIG = {
    "TILES": [],
    "NO_GLOBALS": True,
    "RESET_VIEW": False,
    "SCALE": None,
    "ATTRIBUTION_PREFIX": "",
}

SILENCED_SYSTEM_CHECKS = [
    # Debian 12 has GDAL 3.6. The server hands it no spatial reference of a user's: files are read in a child process.
    "gis.W001",
]
if not SECURE_HSTS_INCLUDE_SUBDOMAINS:
    # Other names below this one need not be ours, and a browser would refuse them plain http for a year.
    SILENCED_SYSTEM_CHECKS += ["security.W005", "security.W021"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"without_keys": {"()": "maps.site.logs.WithoutKeys"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["without_keys"]}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"django.server": {"handlers": ["console"], "level": "INFO", "propagate": False}},
}

env.finish()
