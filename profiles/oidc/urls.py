from allauth.socialaccount.providers.oauth2.urls import default_urlpatterns

from profiles.oidc.provider import OidcProvider

urlpatterns = default_urlpatterns(OidcProvider)
