"""The two views of a sign-in, under the names that the sign-in library expects."""

from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView

from profiles.oidc.adapter import OidcAdapter

oauth2_login = OAuth2LoginView.adapter_view(OidcAdapter)
oauth2_callback = OAuth2CallbackView.adapter_view(OidcAdapter)
