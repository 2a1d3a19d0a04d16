"""The forms of credentials that the scanner knows (ADR 4), one line for each.

A form is found by its `trigger`, which begins with letters that nothing else begins with, and then
read from there. Triggers are short: long repetitions would make the automaton of all of them large.
"""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from urllib.parse import unquote_to_bytes

from foundation.text.expressions import compile_bytes
from registry.package.checks.placeholders import is_assigned_secret, is_password, is_placeholder
from registry.package.checks.private_keys import (
    ENCODED_BEGIN,
    ENCODED_KEY,
    HEX_BEGIN,
    JWK_VALUE,
    OPENPGP_BEGIN,
    read_bare_private_key,
    read_encoded_private_key,
    read_hex_private_key,
    read_jwk,
    read_openpgp_key,
    read_private_key,
    read_putty_key,
)

SECRET_RULES_VERSION = 5
"""Increases when the scanner could judge the same text differently."""
SECRET_RULES_DATE = date(2026, 11, 30)
PRIVATE_KEY = "private key"
SHOP_KEY = "Clawstore key"
"""The label of this shop's own keys. Their digests are reported to the shop."""

VALUE_BYTES = 512
"""The most that a form reads from its trigger on, except of private keys."""
CONTEXT_BYTES = 160
"""The most that a form reads before its trigger."""

Read = Callable[[bytes, int], bytes | None]
"""From a text and the position of a trigger: the value of the secret.

Empty for a placeholder; None if the text has another form.
"""


@dataclass(frozen=True, slots=True)
class SecretForm:
    """One kind of credential. Group 0 of `trigger` begins where `read` begins to read."""

    label: str
    trigger: str
    read: Read
    is_assignment: bool = False
    """The match begins with a name, which is no secret."""
    holds_token: bool = False
    """The value may be a token that has a form of its own."""


_TOKEN = "A-Za-z0-9_-"  # noqa: S105
_WORD = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"
_ESCAPED_BLANKS = (rb"\n", rb"\r", rb"\t")
_TRIGGER_LENGTH = 8
_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def _form(label: str, prefix: str, characters: str, low: int, high: int = 0) -> SecretForm:
    """Returns a form: a prefix and `low` to `high` characters, or exactly `low`."""
    counts = f"{{{low},{high}}}" if high else f"{{{low}}}"
    end = "" if high else r"(?:[^A-Za-z0-9_-]|$)"
    token = f"{prefix}([{characters}]{counts}){end}"
    return _special(label, f"{prefix}[{characters}]{{{min(low, _TRIGGER_LENGTH)}}}", token)


def _special(label: str, trigger: str, token: str) -> SecretForm:
    """Returns a form whose group 1 is judged, and that begins a word."""
    expression = compile_bytes(token.encode())

    def read(text: bytes, position: int) -> bytes | None:
        before = text[max(0, position - 3) : position]
        # The letter before may belong to the end of a line, in JSON or in an address.
        is_escape = before[-2:] in _ESCAPED_BLANKS or before[:1] == b"%"
        if before and before[-1:] in _WORD and not is_escape:
            return None
        match = expression.match(text[position : position + VALUE_BYTES])
        if match is None:
            return None
        return b"" if is_placeholder(match[1]) else match[1]

    return SecretForm(label, trigger, read)


# The token has no fixed beginning, so its colon is the trigger and the digits are read backwards.
def _read_telegram_token(text: bytes, position: int) -> bytes | None:
    before = text[max(0, position - 11) : position]
    digits = len(before) - len(before.rstrip(b"0123456789"))
    token, follower = text[position + 1 : position + 36], text[position + 36 : position + 37]
    is_end = not follower or follower not in _WORD + b"-"
    return token if is_end and 8 <= digits <= 10 and not is_placeholder(token) else None


_DISCORD_END = compile_bytes(rb"\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,38}(?:[^A-Za-z0-9_-]|$)")


def _read_discord_token(text: bytes, position: int) -> bytes | None:
    """Returns a token whose first part is a user's number in base64."""
    before = text[max(0, position - 27) : position]
    first = before[len(before.rstrip(_WORD + b"-")) :]
    if not 24 <= len(first) <= 26 or first[:1] not in b"MNO" or is_placeholder(first):
        return None
    return first if _DISCORD_END.match(text[position : position + VALUE_BYTES]) else None


_SCHEME_END = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-"
_CREDENTIALS = compile_bytes(
    rb"://[^\s:/@\"'<>`\\]{0,100}:([^\s/@\"'<>`\\]{1,200})@([^\s/:?#\"'<>`\\)]{1,200})"
)
# Passwords for these hosts stand in many manuals and open nothing.
_EXAMPLE_HOSTS = (b"example", b"host", b"localhost", b"127.0.0.1", b"server", b"domain", b"your")


def _read_url_password(text: bytes, position: int) -> bytes | None:
    before = text[max(0, position - 20) : position]
    scheme = before[len(before.rstrip(_SCHEME_END)) :]
    match = _CREDENTIALS.match(text[position : position + VALUE_BYTES])
    if not scheme or not match or match[2].lower().startswith(_EXAMPLE_HOSTS):
        return None
    is_example = b".example" in match[2].lower() or b"example." in match[2].lower()
    return match[1] if not is_example and is_password(unquote_to_bytes(match[1])) else None


_LONE_TOKEN = compile_bytes(rb"://([A-Za-z0-9_-]{20,200})@([^\s/:?#\"'<>`\\)]{1,200})")
# The first part of an address of Sentry is public.
_PUBLIC_USERS = b".ingest."


def _read_url_token(text: bytes, position: int) -> bytes | None:
    """Returns the user of a URL that is a token, as in `https://TOKEN@host`."""
    match = _LONE_TOKEN.match(text[position : position + VALUE_BYTES])
    if match is None:
        return None
    host = match[2].lower()
    is_example = host.startswith(_EXAMPLE_HOSTS) or b"example." in host or b".example" in host
    is_public = is_example or _PUBLIC_USERS in host or b"sentry" in host
    return None if is_public or not is_assigned_secret(match[1]) else match[1]


_BASIC = compile_bytes(rb"[Bb]asic ([A-Za-z0-9+/]{8,300}={0,2})")


def _read_basic(text: bytes, position: int) -> bytes | None:
    """Returns `name:password` of an Authorization header, if the password looks real."""
    match = _BASIC.match(text[position : position + VALUE_BYTES])
    try:
        decoded_bytes = base64.b64decode(match[1], validate=True) if match else b""
    except binascii.Error:
        return None
    name, colon, password = decoded_bytes.partition(b":")
    is_text = (
        decoded_bytes.isascii()
        and decoded_bytes.decode("ascii").isprintable()
        and b" " not in decoded_bytes
    )
    return decoded_bytes if name and colon and is_text and is_password(password) else None


_JWT_PAYLOAD = compile_bytes(
    rb"eyJ[A-Za-z0-9_-]{10,200}\.(eyJ[A-Za-z0-9_-]{20,1000})\.[A-Za-z0-9_-]{20}"
)


def _read_service_role(text: bytes, position: int) -> bytes | None:
    """Returns the payload of a token that has all rights on a Supabase project."""
    match = _JWT_PAYLOAD.match(text[position : position + 2 * VALUE_BYTES])
    if match is None:
        return None
    payload = match[1][: len(match[1]) // 4 * 4]
    decoded_bytes = base64.urlsafe_b64decode(payload).replace(b" ", b"")
    return match[1] if b'"role":"service_role"' in decoded_bytes else None


_NAMES = (
    r"(?:(?:api|access|secret|private|account|signing|encryption|master)[_\- ]?key"
    r"|secret|token|password|passwd)"
)
_ASSIGNMENT = (
    rf"{_NAMES}(?:_(?:base|prod|production|dev|live|staging|[0-9]{{1,2}}))?"
    r"[\"'`*\])]{0,4}[ \t]*(?::=|=>|[=:])[ \t]*[\"'`*(\[]{0,3}"
    r"([a-z0-9+/=_\-.~!@#%^&$]{16"
)
# `nextToken` and the like mark a place in a list; `:secret:` is a part of an ARN.
_NOT_CREDENTIALS = (b"next", b"page", b"continuation", b"continue", b"import", b"export", b":")
_ASSIGNED = compile_bytes(f"{_ASSIGNMENT},256}})".encode(), ignore_case=True)


def _read_assigned(text: bytes, position: int) -> bytes | None:
    before = text[max(0, position - 16) : position].lower().rstrip(b"_-")
    if before.endswith(_NOT_CREDENTIALS):
        return None
    match = _ASSIGNED.match(text[position : position + VALUE_BYTES])
    return match[1] if match and is_assigned_secret(match[1]) else None


FORMS = (
    _form("AWS access key", "A(?:KIA|SIA|BIA|CCA)", "A-Z0-9", 16),
    _form("AWS Bedrock key", "ABSK", "A-Za-z0-9+/", 100, 300),
    _special("Azure storage key", "AccountKey=", r"AccountKey=([A-Za-z0-9+/]{86}==)"),
    _special(
        "Azure shared access key",
        "SharedAccessKey=",
        r"SharedAccessKey=([A-Za-z0-9+/]{43}=)",
    ),
    _special("Azure SAS signature", "sig=[A-Za-z0-9%]{8}", r"sig=([A-Za-z0-9%]{43,53}%3[Dd])"),
    _special(
        "Azure client secret",
        r"[A-Za-z0-9_~.][A-Za-z0-9_~.]{2}[0-9]Q~[A-Za-z0-9_~.-]{8}",
        r"([A-Za-z0-9_~.]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34})(?:[^A-Za-z0-9_~.-]|$)",
    ),
    _form("Anthropic key", "sk-ant-", _TOKEN, 16, 256),
    _form("OpenAI key", "sk-", _TOKEN, 20, 256),
    _form("xAI key", "xai-", "A-Za-z0-9", 40, 120),
    _form("Perplexity key", "pplx-", "A-Za-z0-9", 40, 64),
    _form("Groq key", "gsk_", "A-Za-z0-9", 40, 64),
    _form("Cerebras key", "csk-", "a-z0-9", 40, 64),
    _form("Fireworks key", "fw_", "A-Za-z0-9", 22, 32),
    _form("Replicate token", "r8_", "A-Za-z0-9", 37),
    _form("Hugging Face token", "hf_", "A-Za-z0-9", 30, 40),
    _form("Hugging Face token", "api_org_", "A-Za-z0-9", 30, 40),
    _form("NVIDIA key", "nvapi-", _TOKEN, 60, 80),
    _form("ElevenLabs key", "sk_", "a-f0-9", 48),
    _form("Tavily key", "tvly-", _TOKEN, 20, 64),
    _form("Firecrawl key", "fc-", "a-f0-9", 32),
    _form("E2B key", "e2b_", "a-f0-9", 40),
    _form("LangSmith key", "lsv2_(?:pt|sk)_", "a-f0-9_", 32, 60),
    _form("Langfuse key", "sk-lf-", "a-f0-9-", 36),
    _form("Pinecone key", "pcsk_", "A-Za-z0-9_", 50, 90),
    _special("GitHub token", "gh[pousr]_[A-Za-z0-9]{8}", r"gh[pousr]_([A-Za-z0-9_]{30,255})"),
    _form("GitHub token", "github_pat_", "A-Za-z0-9_", 22, 255),
    _form(
        "GitLab token",
        "gl(?:pat|dt|rt|rtr|cbt|ptt|oas|ft|soat|imt|agent|wt|ffct)-",
        "A-Za-z0-9_.-",
        20,
        300,
    ),
    _form("GitLab token", "GR1348941", _TOKEN, 20, 50),
    _special("Slack token", "xox[abceoprs]-", r"xox[abceoprs]-([A-Za-z0-9.-]{10,256})"),
    _special("Slack token", "xapp-[0-9]", r"xapp-([0-9]-[A-Za-z0-9-]{20,256})"),
    _special(
        "Slack webhook",
        r"hooks\.slack\.com/",
        r"hooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9/]{20,140})",
    ),
    SecretForm("Discord token", r"\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{8}", _read_discord_token),
    _special(
        "Discord webhook",
        r"discord(?:app)?\.com/api/",
        r"discord(?:app)?\.com/api/(?:v[0-9]{1,2}/)?webhooks/[0-9]{15,21}/([A-Za-z0-9_-]{50,90})",
    ),
    SecretForm("Telegram bot token", f":AA[{_TOKEN}]{{33}}", _read_telegram_token),
    _form("Google key", "AIza", _TOKEN, 35),
    _form("Google key", r"AQ\.Ab", _TOKEN, 40, 100),
    _form("Google client secret", "GOCSPX-", _TOKEN, 28),
    _form("Google access token", r"ya29\.", _TOKEN, 60, 400),
    _form("Google refresh token", "1//0", _TOKEN, 60, 200),
    _special("Stripe key", "[sr]k_(?:live|test)_", r"[sr]k_(?:live|test)_([A-Za-z0-9]{10,256})"),
    _form("webhook secret", "whsec_", "A-Za-z0-9+/=", 24, 80),
    _form("Twilio key", "SK", "a-f0-9", 32),
    _special(
        "SendGrid key", r"SG\.[A-Za-z0-9_-]{8}", r"SG\.([A-Za-z0-9_-]{20,24}\.[A-Za-z0-9_-]{39,50})"
    ),
    _form("Mailgun key", "key-", "a-f0-9", 32),
    _form("Brevo key", "xkeysib-", "a-f0-9", 64, 64),
    _special("Resend key", "re_[A-Za-z0-9]{8}_", r"re_([A-Za-z0-9]{8}_[A-Za-z0-9]{20,32})"),
    _form("npm token", "npm_", "A-Za-z0-9", 36),
    _form("PyPI token", "pypi-AgE", _TOKEN, 40, 256),
    _form("RubyGems key", "rubygems_", "a-f0-9", 48),
    _form("crates.io token", "cio", "A-Za-z0-9", 32),
    _form("Docker token", "dckr_(?:pat|oat)_", _TOKEN, 24, 40),
    _form("Notion token", "ntn_", "A-Za-z0-9", 40, 60),
    _form("Notion token", "secret_", "A-Za-z0-9", 43),
    _form("Linear key", "lin_(?:api|oauth|wh)_", "A-Za-z0-9", 32, 80),
    _form("Figma token", "fig(?:[dsour]|u[rh]|o[hir])_", _TOKEN, 24, 100),
    _form("Airtable token", "pat", r"A-Za-z0-9.", 79),
    _form("Postman key", "PMAK-", "a-f0-9-", 59),
    _form("Supabase key", "sbp_", "a-f0-9_v", 40, 48),
    _form("Supabase key", "sb_secret_", _TOKEN, 30, 60),
    _form("DigitalOcean token", "do[opr]_v1_", "a-f0-9", 64),
    _form("Databricks token", "(?:dapi|dose)", "a-f0-9", 32, 32),
    _form("Shopify token", "shp(?:at|ca|pa|ss|ua|tka)_", "A-Fa-f0-9", 32),
    _form("Square token", "sq0(?:atp|csp)-", _TOKEN, 22, 43),
    _form("Grafana token", "glsa_", "A-Za-z0-9_", 41),
    _form("Grafana token", "eyJrIjoi", "A-Za-z0-9+/=", 40, 200),
    _form("Grafana token", "glc_eyJ", "A-Za-z0-9+/=", 30, 400),
    _form("Sentry token", "sntrys_eyJ", "A-Za-z0-9+/=_-", 40, 400),
    _form("Sentry token", "sntryu_", "a-f0-9", 64),
    _form("New Relic key", "NRAK-", "A-Z0-9", 27),
    _form("PostHog key", "phx_", "A-Za-z0-9", 40, 60),
    _form("Vault token", r"hv[sb]\.", _TOKEN, 90, 200),
    _form("Doppler token", r"dp\.(?:pt|st|ct|sa)\.", "A-Za-z0-9._-", 40, 80),
    _form("Pulumi token", "pul-", "a-f0-9", 40),
    _form("PlanetScale key", "pscale_(?:tkn|pw|oauth)_", "A-Za-z0-9_.-", 32, 64),
    _form("Heroku key", "HRKU-", _TOKEN, 36, 64),
    _form("Netlify token", "nfp_", "A-Za-z0-9", 36, 40),
    _form("Fly.io token", "FlyV1 fm[0-9]_", "A-Za-z0-9+/=,_", 100, 400),
    _form("Tailscale key", "tskey-(?:auth|api|client)-", "A-Za-z0-9-", 20, 80),
    _form("Atlassian token", "ATATT3", "A-Za-z0-9_=-", 100, 256),
    _form("Bitbucket password", "ATBB", "A-Za-z0-9", 32),
    _form("Dropbox token", r"sl\.u?\.?", _TOKEN, 120, 400),
    _form("1Password token", "ops_eyJ", "A-Za-z0-9+/=_-", 100, 400),
    _form("Together key", "tgp_v1_", _TOKEN, 43),
    _form("Jina key", "jina_", "A-Za-z0-9", 44, 70),
    _form("NuGet key", "oy2", "a-z0-9", 43),
    _form("Vercel token", "vercel_blob_rw_", "A-Za-z0-9_", 40, 60),
    _form("Render key", "rnd_", "A-Za-z0-9", 28, 40),
    _form("Neon key", "napi_", "a-z0-9", 60, 70),
    _form("Trello token", "ATTA", "a-f0-9", 64, 76),
    _special("HubSpot token", "pat-(?:na|eu)[0-9]-", f"pat-(?:na|eu)[0-9]-({_UUID})"),
    _special("LaunchDarkly key", "sdk-[a-f0-9]{8}-", f"sdk-({_UUID})"),
    _form("Prefect key", "pn[ub]_", "A-Za-z0-9", 36),
    _special("Dynatrace token", "dt0c01[.]", r"dt0c01\.([A-Z0-9]{24}\.[A-Z0-9]{64})"),
    _form("Buildkite token", "bk[ua]a_", "a-f0-9", 40),
    _form("CircleCI token", "CCIPAT_", "A-Za-z0-9_", 60, 70),
    _form("Sonar token", "sq[pua]_", "a-f0-9", 40),
    _form("EasyPost key", "EZ[AT]K", "A-Za-z0-9", 54),
    _form("Shippo token", "shippo_(?:live|test)_", "a-f0-9", 40),
    _form("Adafruit key", "aio_", "A-Za-z0-9", 28),
    _form("Typeform token", "tfp_", _TOKEN, 40, 90),
    _form("ReadMe key", "rdme_", "a-z0-9", 60, 80),
    _form("Alibaba key", "LTAI", "A-Za-z0-9", 12, 24),
    _special("Mapbox token", r"sk\.eyJ", r"sk\.(eyJ[A-Za-z0-9_-]{40,150}\.[A-Za-z0-9_-]{20,30})"),
    _form("Contentful token", "CFPAT-", _TOKEN, 43),
    _form("Duffel token", "duffel_(?:live|test)_", _TOKEN, 40, 50),
    _form("Flutterwave key", "FLWSECK(?:_TEST)?-", "a-zA-Z0-9", 32, 40),
    _form("Cloudflare key", r"v1\.0-", "a-f0-9-", 160, 180),
    _special("Mailchimp key", "[a-f0-9]{32}-us", r"([a-f0-9]{32}-us[0-9]{1,2})"),
    _special(
        "1Password key", "A3-[A-Z0-9]{6}-", r"A3-([A-Z0-9]{6}-[A-Z0-9]{11}(?:-[A-Z0-9]{5}){3})"
    ),
    _form(SHOP_KEY, "claw_", _TOKEN, 43),
    _form("age key", "AGE-SECRET-KEY-(?:PQ-)?1", "A-Z0-9", 58, 300),
    SecretForm(
        PRIVATE_KEY,
        r"-----BEGIN(?: |%20|\+)[A-Z0-9 %+]{0,40}PRIVATE(?: |%20|\+)KEY",
        read_private_key,
    ),
    SecretForm(PRIVATE_KEY, HEX_BEGIN, read_hex_private_key),
    SecretForm(PRIVATE_KEY, OPENPGP_BEGIN, read_openpgp_key),
    SecretForm(PRIVATE_KEY, ENCODED_BEGIN, read_encoded_private_key),
    SecretForm(PRIVATE_KEY, "Private-Lines: [0-9]", read_putty_key),
    SecretForm(PRIVATE_KEY, ENCODED_KEY, read_bare_private_key),
    SecretForm(PRIVATE_KEY, JWK_VALUE, read_jwk),
    SecretForm("Supabase key", r"eyJ[A-Za-z0-9_-]{8}", _read_service_role),
    SecretForm("HTTP credentials", "[Bb]asic [A-Za-z0-9+/]{8}", _read_basic),
    SecretForm(
        "password in a URL",
        r"://[A-Za-z0-9_-]{20}[A-Za-z0-9_-]*@",
        _read_url_token,
        holds_token=True,
    ),
    SecretForm(
        "password in a URL",
        r"://[^\s/@:\"'<>`\\]*:[^\s/@\"'<>`\\]+@",
        _read_url_password,
        holds_token=True,
    ),
    SecretForm(
        "key or password",
        f"(?i:{_ASSIGNMENT}}}))",
        _read_assigned,
        is_assignment=True,
        holds_token=True,
    ),
)
"""The first form that reads a value at a trigger wins."""
FORM_COUNT = len({form.label for form in FORMS})
