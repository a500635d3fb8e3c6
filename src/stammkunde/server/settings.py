"""Django's settings, all of them read from the environment by `lib.environment` or fixed here."""

from pathlib import Path
from urllib.parse import urlsplit

from stammkunde.server.lib.environment import Environment
from stammkunde.server.lib.logs import logging_settings

ENVIRONMENT = Environment.read()
DATA = ENVIRONMENT.data

SECRET_KEY = ENVIRONMENT.secret_key()
SECRET_KEY_FALLBACKS = ENVIRONMENT.items("OLD_SECRET_KEYS")
DEBUG = ENVIRONMENT.flag("DEBUG")
DEMO = ENVIRONMENT.flag("DEMO")
PUBLIC_URL = ENVIRONMENT["URL"].rstrip("/")
CURRENCY = ENVIRONMENT["CURRENCY"].upper()
_public = urlsplit(PUBLIC_URL)
ALLOWED_HOSTS = [_public.hostname or "127.0.0.1", "localhost", "127.0.0.1", *ENVIRONMENT.items("ALLOWED_HOSTS")]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "stammkunde.server.ui",  # before allauth, whose pages it dresses
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "stammkunde.server.lib",
    "stammkunde.server.accounts",
    "stammkunde.server.shop",
    "stammkunde.server.consent",
    "stammkunde.server.clv",
    "stammkunde.server.segments",
    "stammkunde.server.offers",
    "stammkunde.server.mail",
    "stammkunde.server.journeys",
    "stammkunde.server.campaigns",
    "stammkunde.server.dashboards",
]

MIDDLEWARE = [
    "stammkunde.server.lib.requests.RequestLog",
    "django.middleware.security.SecurityMiddleware",
    "stammkunde.server.lib.requests.ContentSecurity",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "stammkunde.server.accounts.languages.OwnLanguage",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "stammkunde.server.accounts.gate.StaffOnly",
    "stammkunde.server.lib.problems.Problems",
    "stammkunde.server.lib.requests.NoZeros",  # within: the API answers it with a problem
]

ROOT_URLCONF = "stammkunde.server.urls"
WSGI_APPLICATION = "stammkunde.server.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "stammkunde.server.ui.context.page",
            ],
            "builtins": ["stammkunde.server.ui.templatetags.ui"],
        },
    }
]

DATABASES = {"default": ENVIRONMENT.database()}
CACHES = {"default": {"BACKEND": "stammkunde.server.accounts.tallies.Tallies"}}  # limits hold over all processes
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ATOMIC_REQUESTS = False  # with IMMEDIATE transactions every GET would lock SQLite

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "stammkunde.server.accounts.adapter.StaffAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # staff come by an invitation that went to their address
ACCOUNT_SESSION_REMEMBER = True
MFA_ADAPTER = "stammkunde.server.accounts.adapter.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Stammkunde"

LANGUAGE_CODE = "de" if ENVIRONMENT["LANGUAGE"].startswith("de") else "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
TIME_ZONE = "UTC"
SHOP_ZONE = ENVIRONMENT["TIME_ZONE"]
USE_TZ = True
USE_I18N = True
LOCALE_PATHS = [DATA / "locale"]

STATIC_URL = "/static/"
# By its path: naming the package would import the library, and scipy with it, into every web process.
STATICFILES_DIRS = [("report", str(Path(__file__).parents[1] / "clv" / "report" / "style"))]
MEDIA_ROOT = DATA / "uploads"
WHITENOISE_USE_FINDERS = True  # files come from installed packages: there is no step to collect them
WHITENOISE_AUTOREFRESH = DEBUG
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
UPLOAD_LIMIT = int(float(ENVIRONMENT["UPLOAD_LIMIT"]) * 1_000_000)

SECURE_PROXY = _public.scheme == "https"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE_PROXY else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_PROXY
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_PROXY else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = DATA / "mail"
LOGGING_CONFIG = None
logging_settings(ENVIRONMENT["LOG_LEVEL"])
