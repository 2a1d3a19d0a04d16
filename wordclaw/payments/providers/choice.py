"""The provider that ``settings.PAYMENT_PROVIDER`` names."""

from django.conf import settings

from wordclaw.payments.errors import ProviderUnavailable, UnknownProvider
from wordclaw.payments.providers.base import PaymentProvider
from wordclaw.payments.providers.lnbits import LnbitsProvider
from wordclaw.payments.providers.mock import MockProvider

DISABLED = "disabled"
PROVIDERS: dict[str, type[PaymentProvider]] = {
    provider.name: provider for provider in (MockProvider, LnbitsProvider)
}


def active_provider() -> PaymentProvider:
    """Return the provider of this instance. Raises ProviderUnavailable."""
    if settings.PAYMENT_PROVIDER == DISABLED:
        raise ProviderUnavailable
    return PROVIDERS[settings.PAYMENT_PROVIDER]()


def require_known_provider(name: str) -> None:
    """Raise UnknownProvider unless a provider has this name, active or not."""
    if name not in PROVIDERS:
        raise UnknownProvider
