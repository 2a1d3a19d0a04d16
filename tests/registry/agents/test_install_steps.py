"""The steps of an install on an agent's page: registry, client, OpenClaw, secrets."""

import pytest
from django.test import Client

from foundation.accounts.models import User
from tests.support.factories import make_agent, make_version, manifest_of

pytestmark = [pytest.mark.once, pytest.mark.django_db]


def install_steps(client: Client, path: str) -> str:
    page = client.get(path).text
    return page.partition('<details class="install-steps"')[2].partition("</details>")[0]


def test_steps_name_this_registry_the_client_and_openclaw(
    client: Client, ada: User, settings
) -> None:
    settings.BASE_URL = "https://claws.example.org"
    make_version(make_agent(ada, "coach"))

    steps = install_steps(client, "/agents/@ada/coach")

    commands = (
        "export CLAWSTORE_API_URL=https://claws.example.org/v1<",
        "npx clawstore@0.1.7 install @ada/coach<",
        "openclaw agents add coach --workspace ~/.openclaw/workspace-coach<",
    )
    places = [steps.find(command) for command in commands]
    assert -1 not in places
    assert places == sorted(places)
    assert steps.count("data-copy-text") == 3
    assert "This agent asks for none." in steps


def test_steps_of_a_pinned_version_install_that_version(client: Client, ada: User) -> None:
    agent = make_agent(ada, "coach")
    make_version(agent, "1.0.0")
    make_version(agent, "2.0.0")

    steps = install_steps(client, "/agents/@ada/coach/versions/1.0.0")

    assert "npx clawstore@0.1.7 install @ada/coach@1.0.0<" in steps
    assert "workspace-coach<" in steps


def test_last_step_lists_required_secrets_first_and_links_their_addresses(
    client: Client, ada: User
) -> None:
    agent = make_agent(ada, "coach")
    secrets = [
        {"key": "MAIL_KEY", "prompt": "Sends mail", "required": False, "target": "env"},
        {
            "key": "FOOD_KEY",
            "prompt": "From https://food.example/keys <b>",
            "required": True,
            "target": "env",
        },
    ]
    manifest = manifest_of(agent, "1.0.0") | {"setup": {"secrets": secrets}}
    make_version(agent, manifest=manifest)

    steps = install_steps(client, "/agents/@ada/coach")

    assert 0 < steps.index("FOOD_KEY") < steps.index("MAIL_KEY")
    assert 'href="https://food.example/keys" rel="nofollow"' in steps
    assert "&lt;b&gt;" in steps
    assert "~/.openclaw/.env" in steps
