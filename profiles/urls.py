from django.urls import path

from profiles import views

# The names are those that the sign-in library leads to.
urlpatterns = [
    path("signin", views.sign_in, name="account_login"),
    path("signout", views.sign_out, name="account_logout"),
    path("account/welcome", views.welcome, name="account_welcome"),
    path("account/profile", views.edit, name="account_profile"),
    path("pictures/<uuid:user_id>/<str:sha256>.png", views.picture, name="picture"),
]
