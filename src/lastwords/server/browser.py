"""What Django is told so that browsers can be served: who comes in, what a page may do, where style and scripts lie.

The pages take sign-in, second factors and the list of sessions from django-allauth; a person there is the same row as
everywhere. Nothing that a page shows comes from elsewhere: the policy below allows this host alone, no inline script
or style, and (Trusted Types) no text that a script turns into markup.
"""

from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
STATIC = HERE / "static"
"""Style, pictures and the built scripts, as they are served."""

APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "lastwords.server.apps.ServerConfig",
]

MIDDLEWARE = [
    "lastwords.server.pages.characters.Characters",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "lastwords.server.pages.entrance.Unkept",
    "lastwords.server.session_keys.Sessions",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

POLICY: dict[str, list[str]] = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "data:", "blob:"],
    "media-src": ["'self'", "blob:"],
    "connect-src": ["'self'"],
    "worker-src": ["'self'"],
    "manifest-src": ["'self'"],
    "frame-src": ["blob:"],
    "form-action": ["'self'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
    "require-trusted-types-for": ["'script'"],
    "trusted-types": ["'none'"],
}
"""The one policy of every page."""


def table(name: str, secure: bool) -> dict[str, Any]:
    """Django's settings for the pages of a host of this name; `secure` where it is reached under TLS."""
    return {
        "INSTALLED_APPS": APPS,
        "MIDDLEWARE": MIDDLEWARE,
        "AUTH_USER_MODEL": "server.Person",
        "AUTHENTICATION_BACKENDS": ["allauth.account.auth_backends.AuthenticationBackend"],
        "TEMPLATES": [
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [HERE / "templates"],
                "APP_DIRS": False,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                        "lastwords.server.pages.context.house",
                    ],
                    "libraries": {"house": "lastwords.server.pages.tags"},
                    "string_if_invalid": "",
                },
            }
        ],
        "STATIC_URL": "/static/",
        "STATIC_ROOT": str(STATIC),
        "CONTENT_SECURITY_POLICY": {"DIRECTIVES": POLICY},
        "LOGIN_URL": "/sign-in",
        "LOGIN_REDIRECT_URL": "/home",
        "SESSION_ENGINE": "lastwords.server.session_keys",
        "SESSION_COOKIE_AGE": 12 * 3600,
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_SAMESITE": "Strict",
        "SESSION_COOKIE_NAME": "__Host-session" if secure else "session",
        "CSRF_COOKIE_SECURE": secure,
        "CSRF_COOKIE_HTTPONLY": True,
        "CSRF_COOKIE_SAMESITE": "Strict",
        "CSRF_COOKIE_NAME": "__Host-form" if secure else "form",
        "MESSAGE_STORAGE": "django.contrib.messages.storage.session.SessionStorage",
        "X_FRAME_OPTIONS": "DENY",
        "ACCOUNT_USER_MODEL_USERNAME_FIELD": "handle",
        "ACCOUNT_USER_MODEL_EMAIL_FIELD": None,
        "ACCOUNT_LOGIN_METHODS": {"username"},
        "ACCOUNT_SIGNUP_FIELDS": ["username*"],
        "ACCOUNT_EMAIL_VERIFICATION": "none",
        "ACCOUNT_REAUTHENTICATION_TIMEOUT": 300,
        "ACCOUNT_ADAPTER": "lastwords.server.adapters.Accounts",
        # Our own limits count in the database (`accounts.attempt`); a memory of one process would forget them.
        "ACCOUNT_RATE_LIMITS": False,
        "CACHES": {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}},
        "MFA_ADAPTER": "lastwords.server.adapters.Passkeys",
        "MFA_SUPPORTED_TYPES": ["totp", "webauthn", "recovery_codes"],
        "MFA_PASSKEY_LOGIN_ENABLED": True,
        "MFA_TOTP_ISSUER": name,
        "MFA_TOTP_TOLERANCE": 1,
        "USERSESSIONS_TRACK_ACTIVITY": False,
    }
