"""Reads a run from a token, and says whether a trusted publisher means it."""

from dataclasses import dataclass

from foundation.oidc.issuers import Issuer, IssuerKind
from foundation.oidc.tokens import IdentityToken
from foundation.text.expressions import compile_text
from registry.models import TrustedPublisher
from registry.models.provenance import REF_LENGTH, CiRun

REPOSITORY = compile_text(r"[\w.-]+(?:/[\w.-]+)+")
WORKFLOW = {
    IssuerKind.GITHUB: compile_text(r"[\w.-]+\.ya?ml"),
    IssuerKind.GITLAB: compile_text(r"[\w./-]+\.ya?ml"),
}
ENVIRONMENT = compile_text(r"[^\x00-\x1f,]{0,255}")
COMMIT = compile_text(r"[0-9a-f]{40,64}")
NUMBER = compile_text(r"[0-9]{1,20}")
"""The ids of repositories, owners and runs, which GitHub and GitLab count."""
REF = compile_text(r"refs/(?:heads|tags)/[\w.*/-]+")
# Such runs can be started by people who may not write to the repository.
FOREIGN_EVENTS = frozenset({"pull_request", "pull_request_target", "merge_request_event"})
WORKFLOW_FOLDER = ".github/workflows/"


@dataclass(frozen=True, slots=True)
class Run:
    """A run of a workflow, from the claims of a verified token.

    Texts that a token does not have are empty, and then no trusted publisher matches.
    """

    issuer: Issuer
    repository: str
    repository_id: str
    owner_id: str
    workflow: str
    environment: str
    ref: str
    commit: str
    run_id: str
    event: str

    def claims(self) -> dict[str, str]:
        """Return the columns of `CiRun`."""
        columns = {field.name: str(getattr(self, field.name)) for field in CiRun._meta.fields}
        return columns | {"issuer": self.issuer.url}


def read_run(token: IdentityToken) -> Run:
    """Read the claims of a token as its kind of issuer writes them."""
    read = {IssuerKind.GITHUB: _read_github_run, IssuerKind.GITLAB: _read_gitlab_run}
    return read[token.issuer.kind](token)


def _read_github_run(token: IdentityToken) -> Run:
    repository = token.text("repository")
    # octo/coach/.github/workflows/publish.yml@refs/heads/main
    file = _file_of(token.text("workflow_ref"))
    folder = f"{repository}/{WORKFLOW_FOLDER}"
    return Run(
        issuer=token.issuer,
        repository=repository,
        repository_id=token.text("repository_id"),
        owner_id=token.text("repository_owner_id"),
        # A workflow of another repository has no name here.
        workflow=file.removeprefix(folder) if file.startswith(folder) else "",
        environment=token.text("environment"),
        ref=token.text("ref"),
        commit=token.text("sha"),
        run_id=token.text("run_id"),
        event=token.text("event_name"),
    )


def _read_gitlab_run(token: IdentityToken) -> Run:
    repository = token.text("project_path")
    # gitlab.com/octo/coach//.gitlab-ci.yml@refs/heads/main
    file = _file_of(token.text("ci_config_ref_uri"))
    host = token.issuer.website.partition("://")[2]
    folder = f"{host}/{repository}//"
    kind = {"branch": "heads", "tag": "tags"}.get(token.text("ref_type"), "")
    return Run(
        issuer=token.issuer,
        repository=repository,
        repository_id=token.text("project_id"),
        owner_id=token.text("namespace_id"),
        workflow=file.removeprefix(folder) if file.startswith(folder) else "",
        environment=token.text("environment"),
        ref=f"refs/{kind}/{token.text('ref')}" if kind else "",
        commit=token.text("sha"),
        run_id=token.text("job_id"),
        event=token.text("pipeline_source"),
    )


def _file_of(place: str) -> str:
    """The path before ``@refs/…``; empty if the name of the file has an at sign."""
    file, _, ref = place.partition("@")
    return file if ref.startswith("refs/") else ""


def is_trusted(run: Run, publisher: TrustedPublisher) -> bool:
    """Whether a trusted publisher means this run.

    Names of repositories differ in case only by how they are written; those of workflows,
    environments and refs are exact. The ids of the first token are those of all later ones.
    """
    return (
        run.issuer.url == publisher.issuer
        and run.repository.lower() == publisher.repository.lower()
        and _is_complete(run)
        and run.workflow == publisher.workflow
        and publisher.environment in {"", run.environment}
        and run.event not in FOREIGN_EVENTS
        and any(_is_of_pattern(run.ref, pattern) for pattern in publisher.ref_list)
        and publisher.repository_id in {"", run.repository_id}
        and publisher.owner_id in {"", run.owner_id}
    )


def _is_of_pattern(ref: str, pattern: str) -> bool:
    # Patterns have letters, digits and a few signs only, of which the dot alone needs an escape.
    expression = pattern.replace(".", r"\.").replace("*", ".*")
    return compile_text(expression).fullmatch(ref) is not None


def _is_complete(run: Run) -> bool:
    ids = (run.repository_id, run.owner_id, run.run_id)
    is_short = len(run.ref) <= REF_LENGTH
    has_ids = all(NUMBER.fullmatch(text) for text in ids)
    return is_short and has_ids and COMMIT.fullmatch(run.commit) is not None


def normalise_refs(text: str) -> list[str]:
    """Return the refs that a user typed, in full; a name alone is that of a branch."""
    names = text.replace(",", " ").split()
    return [name if name.startswith("refs/") else f"refs/heads/{name}" for name in names]


def find_problem(
    kind: IssuerKind, *, repository: str, workflow: str, environment: str, refs: list[str]
) -> tuple[str, str] | None:
    """Return the first wrong field and a sentence about it, or None."""
    example = ".github/workflows/publish.yml" if kind == IssuerKind.GITHUB else ".gitlab-ci.yml"
    if not REPOSITORY.fullmatch(repository) or len(repository) > 255:
        return "repository", "Write owner and name, such as ada/coach."
    if not WORKFLOW[kind].fullmatch(workflow) or len(workflow) > 255:
        name = example.rpartition("/")[2]
        return "workflow", f"Write the name of the file, such as {name} for {example}."
    if not ENVIRONMENT.fullmatch(environment):
        return "environment", "Write one name of at most 255 characters, or nothing."
    if not refs or len(",".join(refs)) > 500 or not all(REF.fullmatch(ref) for ref in refs):
        return "refs", "Write branches or tags, such as main or refs/tags/v*."
    return None
