from foundation.jobs.redaction import without_secrets


def test_secrets_of_jobs_are_blank():
    payload = {
        "webhook_secret": "x",
        "headers": [{"api_key": "y", "kind": "z"}],
        "error": "refused claw_abcDEF123 and whsec_abc+/= \ud800",
        "n": 3,
        "token": "",
    }
    assert without_secrets(payload) == {
        "webhook_secret": "***",
        "headers": [{"api_key": "***", "kind": "z"}],
        "error": "refused claw_*** and whsec_*** ?",
        "n": 3,
        "token": "",
    }
