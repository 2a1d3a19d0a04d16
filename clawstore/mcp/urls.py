from django.urls import path

from clawstore.mcp.views import serve_mcp

urlpatterns = [path("mcp", serve_mcp, name="mcp")]
