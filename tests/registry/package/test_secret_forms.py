"""Tokens in the form of each provider are detected, with any random characters."""

import base64
import hashlib
import random
import re
import string
import textwrap
from pathlib import Path

import pytest

from clawstore import settings
from registry.package.checks.secret_forms import FORM_COUNT, FORMS, SHOP_KEY
from registry.package.checks.secrets import CandidateBudget, SecretScanner

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[3]
ALPHABETS = {
    "T": string.ascii_letters + string.digits + "_-",
    "A": string.ascii_letters + string.digits,
    "B": string.ascii_letters + string.digits + "+/",
    "H": "0123456789abcdef",
    "D": string.digits,
    "U": string.ascii_uppercase + "234567",
    "L": string.ascii_lowercase + string.digits,
    "X": "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L",
}
# {T20}: twenty random characters of an alphabet above. The prefixes are written in two pieces so
# that no scanner takes this file for a leak.
TOKENS = {
    "AWS access key": ["AK" "IA{U16}", "AS" "IA{U16}"],
    "AWS Bedrock key": ["AB" "SK{B132}"],
    "Azure storage key": ["DefaultEndpointsProtocol=https;AccountName=a;Account" "Key={B86}=="],
    "Azure shared access key": ["SharedAccess" "Key={B43}="],
    "Azure client secret": ["{A3}8Q" "~{A34}"],
    "Anthropic key": ["sk-" "ant-api03-{T93}AA", "sk-" "ant-admin01-{T93}AA"],
    "OpenAI key": ["sk" "-{A48}", "sk" "-proj-{T124}", "sk" "-svcacct-{T124}", "sk" "-or-v1-{H64}"],
    "xAI key": ["xa" "i-{A80}"],
    "Perplexity key": ["ppl" "x-{A48}", "ppl" "x-{H56}"],
    "Together key": ["tg" "p_v1_{T43}"],
    "Jina key": ["jin" "a_{A48}"],
    "NuGet key": ["oy" "2{L43}"],
    "Vercel token": ["vercel_" "blob_rw_{A16}_{A30}"],
    "Render key": ["rn" "d_{A28}"],
    "Neon key": ["nap" "i_{L64}"],
    "Trello token": ["AT" "TA{H64}"],
    "HubSpot token": ["pa" "t-na1-{H8}-{H4}-{H4}-{H4}-{H12}"],
    "LaunchDarkly key": ["sd" "k-{H8}-{H4}-{H4}-{H4}-{H12}"],
    "Prefect key": ["pn" "u_{A36}"],
    "Dynatrace token": ["dt0" "c01.{U24}.{U64}"],
    "Buildkite token": ["bk" "ua_{H40}"],
    "CircleCI token": ["CCI" "PAT_{A22}_{H40}"],
    "Sonar token": ["sq" "p_{H40}"],
    "EasyPost key": ["EZ" "AK{A54}"],
    "Shippo token": ["shippo" "_live_{H40}"],
    "Adafruit key": ["ai" "o_{A28}"],
    "Typeform token": ["tf" "p_{T59}"],
    "ReadMe key": ["rd" "me_{L70}"],
    "Alibaba key": ["LT" "AI{A20}"],
    "Mapbox token": ["sk" ".eyJ{T70}.{T22}"],
    "Contentful token": ["CF" "PAT-{T43}"],
    "Duffel token": ["duffel" "_live_{T43}"],
    "Flutterwave key": ["FLW" "SECK-{H32}"],
    "Cloudflare key": ["v1" ".0-{H24}-{H146}"],
    "Mailchimp key": ["{H32}" "-us12"],
    "1Password key": ["A3" "-{U6}-{U11}-{U5}-{U5}-{U5}"],
    "Groq key": ["gs" "k_{A52}"],
    "Replicate token": ["r" "8_{A37}"],
    "Hugging Face token": ["h" "f_{A34}"],
    "NVIDIA key": ["nv" "api-{T64}"],
    "Tavily key": ["tv" "ly-{A32}", "tv" "ly-dev-{A32}"],
    "LangSmith key": ["ls" "v2_pt_{H32}_{H10}"],
    "Pinecone key": ["pc" "sk_{A6}_{A63}"],
    "GitHub token": ["gh" "p_{A36}", "gh" "o_{A36}", "gh" "s_{A36}", "github" "_pat_{A22}_{A59}"],
    "GitLab token": ["gl" "pat-{T20}", "gl" "rt-{T20}", "gl" "dt-{T20}", "gl" "pat-{T27}.01.{L9}"],
    "Slack token": ["xox" "b-{D12}-{D12}-{A24}", "xap" "p-1-A{U9}-{D13}-{H64}"],
    "Slack webhook": ["https://hooks.slack" ".com/services/T{U8}/B{U8}/{A24}"],
    "Discord webhook": ["https://discord" ".com/api/webhooks/{D18}/{T68}"],
    "Telegram bot token": ["{D10}:A" "A{T33}"],
    "Google key": ["AI" "za{T35}"],
    "Google client secret": ["GOC" "SPX-{T28}"],
    "Stripe key": ["sk" "_live_{A24}", "rk" "_live_{A99}", "sk" "_test_{A24}"],
    "Twilio key": ["S" "K{H32}"],
    "SendGrid key": ["S" "G.{T22}.{T43}"],
    "npm token": ["np" "m_{A36}"],
    "PyPI token": ["py" "pi-AgEIcHlwaS5vcmc{T150}"],
    "Docker token": ["dckr" "_pat_{T27}", "dckr" "_oat_{T32}"],
    "Notion token": ["nt" "n_{A46}", "sec" "ret_{A43}"],
    "Linear key": ["lin" "_api_{A40}", "lin" "_oauth_{H64}"],
    "Figma token": ["fig" "d_{T40}", "fig" "oh_{T40}"],
    "Supabase key": ["sb" "p_{H40}", "sb" "_secret_{T31}"],
    "DigitalOcean token": ["do" "p_v1_{H64}", "do" "o_v1_{H64}", "do" "r_v1_{H64}"],
    "Databricks token": ["da" "pi{H32}", "da" "pi{H32}-2"],
    "Shopify token": ["shp" "at_{H32}", "shp" "ca_{H32}", "shp" "pa_{H32}", "shp" "ss_{H32}"],
    "Grafana token": ["gl" "sa_{A32}_{H8}", "gl" "c_eyJ{B100}"],
    "Sentry token": ["sntr" "ys_eyJ{B100}", "sntr" "yu_{H64}"],
    "Vault token": ["hv" "s.{T95}"],
    "age key": ["AGE-SECRET" "-KEY-1{X58}"],
    "password in a URL": ["postgres" "://app:{A16}@db.internal.net:5432/x", "https" "://ada:{T20}@git.corp.io/r"],
    SHOP_KEY: ["cl" "aw_{T43}"],
}  # fmt: skip


def fill(template, rng):
    def characters(match):
        return "".join(rng.choices(ALPHABETS[match[1]], k=int(match[2])))

    return re.sub(r"\{([A-Z])(\d+)\}", characters, template)


def scan(text):
    scanner = SecretScanner(CandidateBudget(50_000))
    return [*scanner.feed(text.encode()), *scanner.finish()]


@pytest.mark.parametrize(
    ("label", "template"), [(label, t) for label, ts in TOKENS.items() for t in ts]
)
def test_token_is_detected(label, template):
    rng = random.Random(template)
    for _ in range(200):
        token = fill(template, rng)
        secrets = scan(f'one\nvalue: "{token}",\n')

        assert [(secret.line, secret.label.partition(" (")[0]) for secret in secrets] == [
            (2, label)
        ], token


# A token as people write it in files; {} is the token, {a} and {b} its halves.
SPELLINGS = {
    "escaped in markdown": lambda token: token.replace("_", "\\_").replace("-", "\\-"),
    "in an address": lambda token: token.replace("_", "%5F").replace("-", "%2D"),
    "with entities": lambda token: token.replace("_", "&#95;").replace("-", "&#x2d;"),
    "with escapes of JSON": lambda token: f"\\u{ord(token[0]):04x}{token[1:]}",
    "with an invisible character": lambda token: f"{token[:9]}\u200b{token[9:]}",
    "behind the end of a line in JSON": lambda token: f'"KEY\\n{token}\\n"',
    "as two strings": lambda token: f'"{token[:15]}" + "{token[15:]}"',
    "as strings on two lines": lambda token: f'"{token[:15]}" \\\n    "{token[15:]}"',
    "as a command on two lines": lambda token: f"{token[:15]}\\\n{token[15:]}",
    "in base64": lambda token: base64.b64encode(token.encode()).decode(),
    "on two lines of base64": lambda token: "\n    ".join(
        textwrap.wrap(base64.b64encode(b"a comment about the key\n" + token.encode()).decode(), 40)
    ),
    "as HTTP credentials": lambda token: (
        f"Basic {base64.b64encode(f'user:{token}'.encode()).decode()}"
    ),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("template", ["ghp_{A36}", "xai-{A80}", "glpat-{T20}", "ntn_{A46}"])
def test_token_is_detected_in_other_spellings(template, spelling):
    rng = random.Random(template)
    for _ in range(20):
        token = fill(template, rng)
        text = f"one\nvalue: {SPELLINGS[spelling](token)} end\n"

        assert [secret.line for secret in scan(text)] == [2], token


def test_own_key_is_recognised_in_every_context():
    """So that the shop can revoke it by its digest."""
    key = fill("claw_{T43}", random.Random(1))
    other = fill("ghp_{A36}", random.Random(1))
    digest = hashlib.sha256(key.encode()).hexdigest()

    for text in (
        *(f"token: {key}", f'"api_key": "{key}"', f"CLAWSTORE_SECRET='{key}'"),
        *(f"https://{key}@shop.acme.com/", f"https://ada:{key}@shop.acme.com/"),
        *(f"Authorization: Bearer {key}", f'{{"a": "{other}", "b": "{key}"}}'),
        f"{other} Basic {base64.b64encode(f'ada:{key}'.encode()).decode()}",
    ):
        keys = {secret.shop_key for secret in scan(text)} - {""}

        assert keys == {digest}, text


def test_key_of_this_shop_has_the_prefix_of_the_settings():
    (form,) = [form for form in FORMS if form.label == SHOP_KEY]

    assert form.trigger.startswith(settings.API_KEY_PREFIX)


def test_number_of_forms_counts_each_kind_once():
    assert len(FORMS) > FORM_COUNT > 70


@pytest.mark.parametrize(
    "text",
    [
        "postgres://user:password@localhost/db",
        "https://user:pass@example.org/x",
        "redis://:${REDIS_PASSWORD}@cache:6379",
        "mongodb+srv://<user>:<password>@cluster0.mongodb.net",
        "amqp://guest:guest@rabbit:5672",
        "https://ada:{{ token }}@github.com",
        "mysql://root:root@db/app",
        "see http://a.com:80/@handle and x://y",
        "sk-1234567890abcdefghijklmnop",
        "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
        "sk-ant-api03-your-key-goes-here-1234",
        # The form of a key as manuals print it: one letter instead of each character.
        "xai-" + 40 * "X",
        '"nextToken": "eyJOZXh0VG9rZW4iOiBudWxsLCAiYm90b190cnVuY2"',
        "arn:aws:secretsmanager:us-west-2:123456789012:secret:MyTestSecret-a1b2c3",
        "hf_transfer_is_a_package_for_downloads",
        "the skeleton sk-learn-contrib-estimators-package",
        "git@github.com:ada/agents.git",
        "AGE-SECRET-KEY-1",
    ],
)
def test_example_passes(text):
    assert scan(text) == []


def test_texts_of_the_project_contain_no_secret():
    """Measures precision on real text: the demo catalogue, documents, code, templates."""
    files = [
        path
        for folder in ("demo", "docs", "templates", "static", "registry", "foundation", "clawstore")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".md", ".json", ".html", ".txt", ".yaml", ".py", ".css", ".js", ".svg"}
    ]
    reports = {
        str(path): secrets for path in files if (secrets := scan(path.read_text(errors="replace")))
    }

    assert len(files) > 500
    assert reports == {}
