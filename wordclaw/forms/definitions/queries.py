"""Reads of form definitions."""

from django.db.models import QuerySet

from wordclaw.forms.errors import FormNotFound
from wordclaw.forms.models import FormDefinition
from wordclaw.policy.models import Domain, DomainKind
from wordclaw.policy.queries import people_with


def forms_of(domain: Domain) -> QuerySet[FormDefinition]:
    """Return the forms of a domain with their content types."""
    forms: QuerySet[FormDefinition] = FormDefinition.objects.filter(domain=domain, deleted_at=None)
    return forms.select_related("domain", "content_type__domain", "transition__workflow", "webhook")


def find_form(domain: Domain, slug: str) -> FormDefinition:
    """Return a form for an actor who was authorized. Raises FormNotFound."""
    form = forms_of(domain).filter(slug=slug).first()
    if form is None:
        raise FormNotFound
    return form


def find_active_form(domain: Domain, slug: str) -> FormDefinition:
    """Return a form that takes submissions. Raises FormNotFound."""
    form = find_form(domain, slug)
    if not form.is_active or form.content_type.deleted_at is not None:
        raise FormNotFound
    # After the last member has left or is suspended, no person could read what is sent. The store
    # stays open, because a shop may get its first maintainer later.
    if domain.kind != DomainKind.STORE and not people_with(domain, "content.read"):
        raise FormNotFound
    return form


def find_public_form(domain: Domain, slug: str) -> FormDefinition:
    """Return a form that strangers may see. Raises FormNotFound."""
    form = find_active_form(domain, slug)
    if not form.public_read:
        raise FormNotFound
    return form
